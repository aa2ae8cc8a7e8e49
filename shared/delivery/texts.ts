import type { Branding } from '../account/tenant-schema.ts';
import type { Kind, Texts } from './kinds.ts';
import { wishes } from './language.ts';
import { ENGLISH } from './texts-en.ts';
import { HUNGARIAN } from './texts-hu.ts';
import type { Templates } from './templates.ts';

/** What of a tenant shows in its mails. */
export interface MailTenant {
  readonly tenantId: string;
  readonly name: string | undefined;
  readonly branding: Branding;
  readonly templates: Templates;
}

const BUILT_IN: Readonly<Record<string, Readonly<Record<Kind, Texts>>>> = { en: ENGLISH, hu: HUNGARIAN };

/**
 * The words for a mail: in the first language the reader wants and somebody wrote it in, then the tenant's, then English.
 * A tenant's words come before ours, field by field; ours stay behind its `sms`, for what does not fit.
 */
export function textsFor(
  kind: Kind,
  language: string,
  tenant: MailTenant | undefined,
): {
  readonly language: string;
  readonly texts: Texts;
  /** How many of the first `sms` wordings are the tenant's. */
  readonly ownSms: number;
} {
  const written = new Map(
    Object.entries(tenant?.templates ?? {}).map(([tag, kinds]) => [tag.toLowerCase(), kinds[kind]]),
  );
  const wanted = [...wishes(language), tenant?.branding.language ?? 'en', 'en'];
  const found = wanted.find((tag) => tag in BUILT_IN || written.get(tag) !== undefined) ?? 'en';
  const ours = { ...ENGLISH[kind], ...BUILT_IN[found]?.[kind] };
  const own = written.get(found);
  const ownSms = own?.sms ?? [];
  const sms = [...ownSms, ...(ours.sms ?? [])];
  return { language: found, texts: { ...ours, ...own, sms }, ownSms: ownSms.length };
}
