import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTenant } from '../../shared/account/parse-tenant.ts';
import type { Tenant } from '../../shared/account/tenant.ts';
import { MalformedTenant } from '../../shared/account/tenant-id.ts';
import { type Kind, kindNames, speaksOf } from '../../shared/delivery/kinds.ts';
import { type Mail, type MailContext, linkEmail, noticeEmail, otpEmail } from '../../shared/delivery/mails.ts';
import { linkSms, otpSms } from '../../shared/delivery/sms.ts';
import { NOTICE_EVENTS, type NoticeEvent } from '../../shared/notices/event.ts';
import { escapeHtml } from '../local/html.ts';

export interface PreviewOptions {
  /** A tenant's document as `PUT /admin/tenants/{tenantId}` takes it. */
  readonly tenantFile?: string | undefined;
  readonly kind?: string | undefined;
  readonly language?: string | undefined;
  /** Emptied first. */
  readonly out: string;
}

/**
 * Writes every mail as people will get it: `<language>-<kind>.html` and `.txt`, and an `index.html` of them all.
 *
 * Codes, links, times and addresses are invented, and the same each time.
 *
 * @returns how many. @throws Error, for a person, that says what is wrong with the tenant, the kind or the language.
 */
export async function writePreviews(options: PreviewOptions): Promise<number> {
  const tenant = await tenantOf(options.tenantFile);
  const kinds = kindNames.filter((kind) => options.kind === undefined || kind === options.kind);
  if (kinds.length === 0) throw new Error(`--kind must be one of ${kindNames.join(', ')}.`);
  const languages = languagesOf(tenant, options.language);
  const previews = languages.flatMap((language) => kinds.map((kind) => previewOf(kind, language, tenant)));
  await rm(options.out, { recursive: true, force: true });
  await mkdir(options.out, { recursive: true });
  await Promise.all(
    previews.flatMap(({ name, mail, sms }) => [
      writeFile(join(options.out, `${name}.html`), mail.html),
      writeFile(join(options.out, `${name}.txt`), [`Subject: ${mail.subject}`, mail.text, ...sms].join('\n\n')),
    ]),
  );
  await writeFile(join(options.out, 'index.html'), indexOf(previews));
  return previews.length;
}

async function tenantOf(file: string | undefined): Promise<Tenant> {
  if (file === undefined) return parseTenant('public', {});
  try {
    return await parseTenant('preview', JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const why = error instanceof MalformedTenant ? error.faults.join('\n  ') : String(error);
    throw new Error(`${file} is not a tenant:\n  ${why}`, { cause: error });
  }
}

function languagesOf(tenant: Tenant, wanted: string | undefined): readonly string[] {
  const known = [...new Set(['en', 'hu', ...Object.keys(tenant.templates)])];
  if (wanted !== undefined && !known.includes(wanted)) throw new Error(`--lang must be one of ${known.join(', ')}.`);
  return wanted === undefined ? known : [wanted];
}

interface Preview {
  readonly name: string;
  readonly mail: Mail;
  readonly sms: readonly string[];
}

function previewOf(kind: Kind, language: string, tenant: Tenant): Preview {
  const context = { appName: 'Stepgate', publicHost: 'auth.example.com', tenant, language };
  const sms = speaksOf(kind).sms ? [smsOf(kind, context)] : [];
  return { name: `${language}-${kind}`, mail: mailOf(kind, context), sms };
}

const CODE = '012345';
const LINK = 'https://auth.example.com/auth/verify?tenantId=public#token-of-the-mail';

const isNotice = (kind: Kind): kind is NoticeEvent => NOTICE_EVENTS.some((event) => event === kind);

function mailOf(kind: Kind, context: MailContext): Mail {
  if (kind === 'otp-sign-in' || kind === 'otp-set-up') {
    const purposeText = kind === 'otp-set-up' ? 'set-up' : 'sign-in';
    return otpEmail({ ...context, code: CODE, lifeSeconds: 600, purposeText });
  }
  if (isNotice(kind)) {
    return noticeEmail({
      ...context,
      event: kind,
      at: Date.UTC(2026, 0, 31, 23, 5),
      ip: '203.0.113.7',
      notMeLink: LINK,
    });
  }
  return linkEmail({
    ...context,
    kind,
    link: LINK,
    code: CODE,
    lifeSeconds: 3_600,
    contact: 'a•••@example.com',
    ip: '203.0.113.7',
  });
}

function smsOf(kind: Kind, { publicHost: host, ...context }: MailContext): string {
  if (kind === 'magic') return linkSms({ ...context, host, link: LINK, lifeSeconds: 300 }).text;
  if (kind === 'magic-code') return linkSms({ ...context, host, link: LINK, code: CODE, lifeSeconds: 300 }).text;
  return otpSms({ ...context, host, code: CODE, lifeSeconds: 300 }).text;
}

const indexOf = (previews: readonly Preview[]): string => `<!doctype html>
<meta charset="utf-8">
<title>Mails</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem; display: grid; gap: 2rem; grid-template-columns: repeat(auto-fill, minmax(22rem, 1fr)) }
iframe { width: 100%; height: 32rem; border: 1px solid #8a8f98; border-radius: 8px }
pre { white-space: pre-wrap; overflow-wrap: anywhere }
</style>
${previews.map(sectionOf).join('\n')}
`;

const sectionOf = ({ name, mail, sms }: Preview): string => `<section>
<h2><a href="${name}.html">${name}</a></h2>
<p>${escapeHtml(mail.subject)}</p>
<iframe sandbox loading="lazy" title="${name}" src="${name}.html"></iframe>
<details><summary>As text</summary><pre>${escapeHtml(mail.text)}</pre></details>
${sms.map((text) => `<details><summary>By SMS</summary><pre>${escapeHtml(text)}</pre></details>`).join('')}
</section>`;
