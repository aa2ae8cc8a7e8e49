import { randomUUID } from 'node:crypto';
import { emailsTo } from '../limits.ts';
import type { LimitStore, Log, TokenStore, UserStore } from '../ports.ts';
import type { Config } from '../config.ts';
import { type LinkMailDeps, mailLink } from '../recovery/link-mail.ts';
import { LINK_SECONDS, newToken } from '../recovery/token.ts';
import { subjectOfAbuse } from './contact.ts';
import type { Tenant } from './tenant.ts';

export type SignUpByMailDeps = LinkMailDeps & {
  readonly config: Pick<Config, 'LIMIT_SCALE'>;
  readonly log: Log;
  readonly users: Pick<UserStore, 'byContact'>;
  readonly limits: Pick<LimitStore, 'spend'>;
  readonly tokens: Pick<TokenStore, 'issue'>;
};

/** Said to everybody: the screens of the FDI show it, and know no other way not to begin a session. */
export const CHECK_MAIL = {
  status: 'GENERAL_ERROR',
  message: 'We sent you an email. Follow its link to go on.',
} as const;

/**
 * Sign-up where nothing may tell whether an address has an account: a free address is mailed a link that makes the
 * account, a taken one the word that it has one. Either way it is one mail, the same requests and the same answer.
 *
 * @see security.md §1.10 D3, SEC-64
 */
export async function signUpByMail(
  wanted: {
    readonly tenant: Tenant;
    readonly email: string;
    readonly passwordHash: string;
    readonly metadata: Readonly<Record<string, unknown>>;
    readonly origin: string | undefined;
    readonly now: number;
  },
  deps: SignUpByMailDeps,
): Promise<typeof CHECK_MAIL> {
  const { tenant, email, passwordHash, metadata, origin, now } = wanted;
  const [found, often] = await Promise.all([
    deps.users.byContact('emailpassword:email', tenant.tenantId, email),
    deps.limits.spend(emailsTo(tenant.tenantId, subjectOfAbuse(email), deps.config.LIMIT_SCALE), now),
  ]);
  const { token, hash } = newToken();
  const userId = randomUUID();
  await deps.tokens.issue({
    tenantId: tenant.tenantId,
    hash,
    purpose: 'sign-up',
    userId,
    recipeUserId: userId,
    contact: email,
    pending: { passwordHash, metadata },
    createdAt: now,
    expiresAt: now + LINK_SECONDS['sign-up'] * 1000,
  });
  if (!often.allowed) return CHECK_MAIL;
  const outcome = await (found === undefined
    ? mailLink({ purpose: 'sign-up', to: email, tenant, token, origin }, deps)
    : mailOwner(email, tenant, deps));
  if (outcome !== 'sent') deps.log.error('sign-up.undelivered', { outcome, tenantId: tenant.tenantId });
  return CHECK_MAIL;
}

async function mailOwner(to: string, tenant: Tenant, { config, mailer }: LinkMailDeps) {
  const { linkEmail } = await import('../delivery/mails.ts');
  const mail = linkEmail({
    kind: 'sign-up-exists',
    link: config.PUBLIC_URL,
    lifeSeconds: LINK_SECONDS['sign-up'],
    appName: config.APP_NAME,
    publicHost: new URL(config.PUBLIC_URL).host,
    tenant,
  });
  return mailer.send({ to, purpose: 'notice', ...mail });
}
