import { requireFresh } from '../account/factors.ts';
import { type FieldErrors } from '../account/form-fields.ts';
import { hashPassword, verifyPassword } from '../account/password.ts';
import { tooMany } from '../account/sign-in.ts';
import { passwordFault } from '../account/sign-up.ts';
import type { Tenant } from '../account/tenant.ts';
import type { LoginMethod, User } from '../account/user.ts';
import { wrongPasswords } from '../limits.ts';
import { notify, type NoticeDeps } from '../notices/notify.ts';
import type { AuditStore, LimitStore, PasswordStore } from '../ports.ts';
import { badRequest, unavailable } from '../protocol-error.ts';
import { type ContextDeps, sessionContext } from '../session/context.ts';
import type { Client } from '../session/client.ts';
import { type IssueDeps, type IssuedTokens, renewEpoch } from '../session/issue.ts';
import type { Session } from '../session/session.ts';

export type ChangePasswordDeps = ContextDeps &
  IssueDeps &
  NoticeDeps & {
    readonly limits: Pick<LimitStore, 'spend' | 'refund'>;
    readonly passwords: Pick<PasswordStore, 'change'>;
    readonly audit: AuditStore;
  };

export type ChangePasswordOutcome =
  | {
      readonly status: 'OK';
      /** Not part of the body. */
      readonly tokens: IssuedTokens;
    }
  | { readonly status: 'WRONG_CREDENTIALS_ERROR' }
  | { readonly status: 'FIELD_ERROR'; readonly formFields: FieldErrors }
  | ReturnType<typeof tooMany>;

/**
 * Changes the password of whoever is signed in and knows it.
 *
 * A guess at the current one is counted with those at sign-in, before it is compared. Every other session and every
 * link of the user ends; this session goes on.
 *
 * @throws 403 `st-mfa` unless the policy is satisfied and, where the user has a second factor, one was shown in the
 * last 5 minutes; 400 for an account without a password.
 */
export async function changePassword(
  input: {
    readonly session: Session;
    readonly tenant: Tenant;
    readonly client: Client;
    readonly currentPassword: string;
    readonly newPassword: string;
  },
  deps: ChangePasswordDeps,
): Promise<ChangePasswordOutcome> {
  const { tenant, client, session } = input;
  const context = await sessionContext(input, deps);
  const { user } = context;
  requireFresh(context);
  const method = ownPassword(user, session);
  if (method?.passwordHash === undefined || method.email === undefined) {
    throw badRequest('this account has no password');
  }
  const faults = await passwordFault(input.newPassword, tenant, method.email);
  if (faults.length > 0) {
    return { status: 'FIELD_ERROR', formFields: faults.map(({ error }) => ({ id: 'newPassword', error })) };
  }

  const now = deps.clock.now();
  const guesses = wrongPasswords(tenant.tenantId, method.email, client.ip);
  const guess = await deps.limits.spend(guesses, now);
  if (!guess.allowed) return tooMany(guess);
  if (!(await verifyPassword(method.passwordHash, input.currentPassword))) return { status: 'WRONG_CREDENTIALS_ERROR' };

  const passwordHash = await hashPassword(input.newPassword);
  const [changed] = await Promise.all([
    deps.passwords.change({ user, method, handle: session.handle, passwordHash, now }),
    deps.limits.refund(guesses, now),
  ]);
  if (!changed) throw unavailable('the account was changed meanwhile, please try again');
  await deps.audit.write({ userId: user.userId, tenantId: tenant.tenantId, at: now, event: 'password.changed' });
  await notify({ user, tenant, event: 'password.changed', now, client }, deps);
  return { status: 'OK', tokens: await renewEpoch(session.payload, user.epoch + 1, deps) };
}

/** The one the session began with, else the account's. */
const ownPassword = (user: User, { recipeUserId }: Session): LoginMethod | undefined => {
  const methods = user.loginMethods.filter(({ recipeId }) => recipeId === 'emailpassword');
  return methods.find((method) => method.recipeUserId === recipeUserId) ?? methods[0];
};
