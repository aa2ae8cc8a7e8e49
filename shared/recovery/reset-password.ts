import { type FieldErrors, type FormFields, readForm } from '../account/form-fields.ts';
import { hashPassword } from '../account/password.ts';
import { linkByAddress, type LinkDeps } from '../account/link-accounts.ts';
import { tooMany } from '../account/sign-in.ts';
import { passwordFault } from '../account/sign-up.ts';
import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import type { Config } from '../config.ts';
import { redeemPerIp } from '../limits.ts';
import { notify, type NoticeDeps } from '../notices/notify.ts';
import type { Clock, LimitStore, PasswordStore, TokenStore, UserStore } from '../ports.ts';
import { unavailable } from '../protocol-error.ts';
import { evaluate } from '../mfa/evaluate.ts';
import type { Client } from '../session/client.ts';
import { factsOf } from '../session/facts.ts';
import { readerOf, requirePasswords } from './request-reset.ts';
import { resetTerms } from './reset-terms.ts';
import { type LinkToken, tokenHash } from './token.ts';

export type ResetDeps = NoticeDeps &
  LinkDeps & {
    readonly config: Pick<Config, 'LIMIT_SCALE'>;
    readonly clock: Clock;
    readonly users: Pick<UserStore, 'load'>;
    readonly limits: Pick<LimitStore, 'spend'>;
    readonly tokens: Pick<TokenStore, 'find'>;
    readonly passwords: Pick<PasswordStore, 'reset'>;
  };

export type ResetOutcome =
  | { readonly status: 'OK' }
  | { readonly status: 'RESET_PASSWORD_INVALID_TOKEN_ERROR' }
  | { readonly status: 'FIELD_ERROR'; readonly formFields: FieldErrors }
  | ReturnType<typeof tooMany>;

const INVALID = { status: 'RESET_PASSWORD_INVALID_TOKEN_ERROR' } as const;
const TRIES = 3;

/**
 * Sets the password a link was asked for. It begins no session and skips no factor: what the policy asks, the next
 * sign-in asks.
 *
 * Of any number of parallel calls with one token one gets `OK`. A password that may not be used leaves the token as it
 * is. Every session and every other link of the user ends; the address is proven.
 *
 * @see FDI /user/password/reset
 */
export async function resetPassword(
  input: {
    readonly tenant: Tenant;
    readonly client: Client;
    readonly token: string;
    readonly formFields: FormFields;
  },
  deps: ResetDeps,
): Promise<ResetOutcome> {
  const { tenant, client } = input;
  requirePasswords(tenant);
  const password = readForm(input.formFields, 1).get('password') ?? '';
  const now = deps.clock.now();
  const address = await deps.limits.spend(redeemPerIp(client.ip, deps.config.LIMIT_SCALE), now);
  if (!address.allowed) return tooMany(address);

  const found = await deps.tokens.find(tenant.tenantId, tokenHash(input.token));
  const token = found?.purpose === 'reset' && found.expiresAt > now ? found : undefined;
  const faults = await passwordFault(password, tenant, token?.contact);
  if (faults.length > 0) return { status: 'FIELD_ERROR', formFields: faults };
  if (token === undefined) return INVALID;
  return redeem({ tenant, client, token, passwordHash: await hashPassword(password), now }, deps);
}

interface Redemption {
  readonly tenant: Tenant;
  readonly client: Client;
  readonly token: LinkToken;
  readonly passwordHash: string;
  readonly now: number;
}

async function redeem(redemption: Redemption, deps: ResetDeps, tries = TRIES): Promise<ResetOutcome> {
  const { tenant, client, token, passwordHash, now } = redemption;
  const user = await deps.users.load(token.userId);
  const reader = user === undefined ? undefined : readerOf(user, token.contact, tenant);
  const terms =
    reader === undefined
      ? undefined
      : resetTerms(reader.user, reader.method, tenant, await asksMore({ ...redemption, user: reader.user }, deps));
  if (reader === undefined || terms === undefined) return INVALID;
  const method = { ...reader.method, verified: true };
  const outcome = await deps.passwords.reset({
    token,
    user: reader.user,
    method,
    passwordHash,
    ...terms,
    audit: {
      userId: token.userId,
      tenantId: tenant.tenantId,
      at: now,
      event: 'password.reset',
      ...(terms.owed.length === 0 ? {} : { details: { owedFactors: terms.owed } }),
    },
    now,
  });
  if (outcome === 'TOKEN_GONE') return INVALID;
  if (outcome === 'CHANGED') {
    if (tries <= 1) throw unavailable('the account was changed meanwhile, please try again');
    return redeem(redemption, deps, tries - 1);
  }
  await notify({ user: reader.user, tenant, event: 'password.reset', now, client }, deps);
  // Whoever reads the mailbox has chosen the password: both are one person's from here on.
  const after = tenant.accountLinking.automatic ? await deps.users.load(token.userId) : undefined;
  if (after !== undefined) {
    await linkByAddress({ user: after, method, tenant, client, firstFactor: 'emailpassword' }, deps);
  }
  return { status: 'OK' };
}

/** Whether a session that began with the password, and no more, would owe a factor. */
async function asksMore(
  { tenant, client, user, now }: Redemption & { readonly user: User },
  deps: ResetDeps,
): Promise<boolean> {
  const completed = { emailpassword: Math.floor(now / 1000) };
  const facts = await factsOf({ user, tenant, client, firstFactor: 'emailpassword', completed }, deps);
  return !evaluate(tenant, facts).claim.v;
}
