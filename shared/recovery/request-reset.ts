import { randomUUID } from 'node:crypto';
import { canonicalEmail, subjectOfAbuse } from '../account/contact.ts';
import { type FieldErrors, type FormFields, NOT_OPTIONAL, readForm } from '../account/form-fields.ts';
import { mayEnter, passwordMethod, tooMany } from '../account/sign-in.ts';
import type { Tenant } from '../account/tenant.ts';
import type { LoginMethod, User } from '../account/user.ts';
import type { Config } from '../config.ts';
import { resetPerIp, resetsTo } from '../limits.ts';
import type { Clock, LimitStore, Log, TokenStore, UserStore } from '../ports.ts';
import { badRequest } from '../protocol-error.ts';
import type { Client } from '../session/client.ts';
import { evenly } from './even-time.ts';
import { type LinkMailDeps, mailLink } from './link-mail.ts';
import { resetTerms } from './reset-terms.ts';
import { LINK_SECONDS, newToken } from './token.ts';

export type RequestResetDeps = LinkMailDeps & {
  readonly config: Pick<Config, 'LIMIT_SCALE'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly users: Pick<UserStore, 'byContact' | 'load'>;
  readonly limits: Pick<LimitStore, 'spend'>;
  readonly tokens: Pick<TokenStore, 'issue'>;
};

export type RequestResetOutcome =
  | { readonly status: 'OK' }
  | { readonly status: 'PASSWORD_RESET_NOT_ALLOWED'; readonly reason: string }
  | { readonly status: 'FIELD_ERROR'; readonly formFields: FieldErrors }
  | ReturnType<typeof tooMany>;

/** @throws 400 where nobody has a password. */
export function requirePasswords(tenant: Tenant): void {
  if (!tenant.firstFactors.includes('emailpassword')) throw badRequest('passwords are not in use here');
}

/**
 * Mails a link by which a new password can be chosen.
 *
 * Known, unknown and disabled addresses, and those without a password, cost the same requests to the table and the
 * same time, and get the same answer; so does one that asked too often. The mail goes to the address as it is stored.
 *
 * @see FDI /user/password/reset/token
 */
export async function requestReset(
  input: {
    readonly tenant: Tenant;
    readonly client: Client;
    readonly formFields: FormFields;
    readonly origin: string | undefined;
  },
  deps: RequestResetDeps,
): Promise<RequestResetOutcome> {
  requirePasswords(input.tenant);
  const text = readForm(input.formFields, 1).get('email') ?? '';
  const email = canonicalEmail(text);
  if (email === undefined) {
    return {
      status: 'FIELD_ERROR',
      formFields: [{ id: 'email', error: text === '' ? NOT_OPTIONAL : 'Email is invalid' }],
    };
  }
  const address = await deps.limits.spend(resetPerIp(input.client.ip, deps.config.LIMIT_SCALE), deps.clock.now());
  if (!address.allowed) return tooMany(address);
  return evenly(sendLink({ ...input, email }, deps));
}

async function sendLink(
  { tenant, email, origin }: { readonly tenant: Tenant; readonly email: string; readonly origin: string | undefined },
  deps: RequestResetDeps,
): Promise<RequestResetOutcome> {
  const now = deps.clock.now();
  const [found, often] = await Promise.all([
    deps.users.byContact('emailpassword:email', tenant.tenantId, email),
    deps.limits.spend(resetsTo(tenant.tenantId, subjectOfAbuse(email), deps.config.LIMIT_SCALE), now),
  ]);
  // Nobody's id costs the same Query, and below the same transaction, as somebody's.
  const user = await deps.users.load(found?.userId ?? randomUUID());
  const reader = user === undefined ? undefined : readerOf(user, email, tenant);
  const mayReset = reader !== undefined && resetTerms(reader.user, reader.method, tenant) !== undefined;
  const to = mayReset && often.allowed ? reader : undefined;

  const { token, hash } = newToken();
  await deps.tokens.issue({
    tenantId: tenant.tenantId,
    hash,
    purpose: 'reset',
    userId: to?.user.userId ?? randomUUID(),
    recipeUserId: to?.method.recipeUserId ?? randomUUID(),
    contact: email,
    createdAt: now,
    expiresAt: now + LINK_SECONDS.reset * 1000,
  });
  if (to !== undefined) await mailTo({ ...to, tenant, token, origin }, deps);
  if (reader !== undefined && !mayReset && !tenant.strictEnumeration) return NOT_ALLOWED;
  return { status: 'OK' };
}

const NOT_ALLOWED = {
  status: 'PASSWORD_RESET_NOT_ALLOWED',
  reason:
    'Reset password link was not created because of account take over risk. Please contact support. (ERR_CODE_001)',
} as const;

interface Reader {
  readonly user: User;
  readonly method: LoginMethod;
}

/** Whose password an address's link would set. */
export function readerOf(user: User, email: string, tenant: Tenant): Reader | undefined {
  const method = passwordMethod(user, email);
  return method === undefined || !mayEnter(user, tenant) ? undefined : { user, method };
}

async function mailTo(
  about: Reader & { readonly tenant: Tenant; readonly token: string; readonly origin: string | undefined },
  deps: RequestResetDeps,
): Promise<void> {
  const { user, method, tenant } = about;
  const { recipeUserId, email = '' } = method;
  const outcome = await mailLink({ ...about, purpose: 'reset', to: email, recipeUserId }, deps);
  // The answer is the same: only an account has a mail that can fail.
  if (outcome === 'sent') return;
  deps.log.error('reset.undelivered', { outcome, userId: user.userId, tenantId: tenant.tenantId });
}
