import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import type { Config } from '../config.ts';
import { languageFor } from '../delivery/language.ts';
import { pageUrl } from '../delivery/links.ts';
import type { DeliveryOutcome, Mailer } from '../ports.ts';
import { LINK_SECONDS, type LinkPurpose } from './token.ts';

export type LinkMailDeps = {
  readonly config: Pick<Config, 'APP_NAME' | 'PUBLIC_URL'>;
  readonly mailer: Mailer;
};

const PATHS: Readonly<Record<LinkPurpose, string>> = {
  reset: '/reset-password',
  verify: '/verify-email',
  revert: '/revert',
  'sign-up': '/verify-email',
};

/** The address of the page that redeems a token. */
export function linkTo(
  purpose: LinkPurpose,
  about: { readonly tenant: Tenant; readonly token: string; readonly origin: string | undefined },
  { config }: Pick<LinkMailDeps, 'config'>,
): string {
  const link = pageUrl(PATHS[purpose], { ...about, publicUrl: config.PUBLIC_URL });
  link.search = new URLSearchParams({ token: about.token, tenantId: about.tenant.tenantId }).toString();
  return link.href;
}

/** Mails a link to an address as it is stored. */
export async function mailLink(
  about: {
    readonly purpose: Exclude<LinkPurpose, 'revert'>;
    readonly to: string;
    /** Absent: the link makes the account. */
    readonly user?: User;
    readonly recipeUserId?: string;
    readonly tenant: Tenant;
    readonly token: string;
    readonly origin: string | undefined;
  },
  deps: LinkMailDeps,
): Promise<DeliveryOutcome> {
  const { purpose, to, user, tenant, recipeUserId } = about;
  // Loaded where something is sent: most requests of these functions send nothing.
  const { linkEmail } = await import('../delivery/mails.ts');
  const mail = linkEmail({
    kind: purpose === 'sign-up' ? 'verify' : purpose,
    link: linkTo(purpose, about, deps),
    lifeSeconds: LINK_SECONDS[purpose],
    appName: deps.config.APP_NAME,
    publicHost: new URL(deps.config.PUBLIC_URL).host,
    tenant,
    language: languageFor({ user }),
    ...(user === undefined || recipeUserId === undefined ? {} : { user: { id: user.userId, recipeUserId } }),
  });
  return deps.mailer.send({ to, purpose, ...mail });
}
