import { randomUUID } from 'node:crypto';
import { passwordPerIp, wrongPasswords } from '../limits.ts';
import type { Config } from '../config.ts';
import type { LimitOutcome, LimitStore, UserStore } from '../ports.ts';
import { sessionEnded } from '../protocol-error.ts';
import type { Client } from '../session/client.ts';
import type { IssuedTokens } from '../session/issue.ts';
import type { Session } from '../session/session.ts';
import { startSession, type StartDeps } from '../session/start.ts';
import { canonicalEmail } from './contact.ts';
import { linkByAddress, type LinkDeps } from './link-accounts.ts';
import { linkingContext, linkRefused, linkToSession } from './link-to-session.ts';
import { type FieldErrors, type FormFields, NOT_OPTIONAL, readForm } from './form-fields.ts';
import { DUMMY_HASH, hashPassword, needsRehash, verifyPassword } from './password.ts';
import { isSatisfied } from './planned-link.ts';
import type { Tenant } from './tenant.ts';
import { type Tried, tryAccount } from './try-account.ts';
import { reportWrongFirst } from './report-wrong-first.ts';
import { type LoginMethod, type User, userView, type UserView } from './user.ts';

export type SignInDeps = StartDeps &
  LinkDeps & {
    readonly config: Pick<Config, 'LIMIT_SCALE'>;
    readonly users: UserStore;
    readonly limits: LimitStore;
  };

export type Signed =
  | {
      readonly status: 'OK';
      readonly user: UserView;
      /** Not part of the body. Absent where a session is there already and goes on as it is. */
      readonly tokens?: IssuedTokens;
    }
  | { readonly status: 'FIELD_ERROR'; readonly formFields: FieldErrors }
  | { readonly status: 'GENERAL_ERROR'; readonly message: string; readonly retryAfterMs: number };

export type SignInOutcome =
  | Signed
  | { readonly status: 'WRONG_CREDENTIALS_ERROR' }
  | { readonly status: 'SIGN_IN_NOT_ALLOWED'; readonly reason: string };

interface SignInInput {
  readonly tenant: Tenant;
  readonly client: Client;
  readonly formFields: FormFields;
}

/** A factor that may not begin a session here is refused as the FDI refuses a missing session. @see wire.md §12.8 */
export function requireFirstFactor(tenant: Tenant, factor: string): void {
  if (!tenant.firstFactors.includes(factor)) throw sessionEnded();
}

/**
 * Signs in with e-mail and password.
 *
 * Unknown address, wrong password and disabled account cost the same requests and the same hash, and get the same
 * answer. A guess is counted before it is compared; a right one is given back.
 *
 * @throws 401 when the tenant does not begin sessions with a password.
 * @see FDI /signin
 */
export async function signIn(input: SignInInput, deps: SignInDeps): Promise<SignInOutcome> {
  const { tenant, client } = input;
  const proved = await provePassword(input, deps);
  if (proved.status !== 'PROVED') return proved;
  const { method } = proved;
  const entry = { user: proved.user, method, tenant, client, firstFactor: 'emailpassword' } as const;
  const user = await linkByAddress(entry, deps);
  const [tokens] = await Promise.all([
    startSession({ user, tenant, client, recipeUserId: method.recipeUserId, firstFactor: 'emailpassword' }, deps),
    proved.settle(user),
  ]);
  return { status: 'OK', user: userView(user), tokens };
}

const LINK_CODES = {
  unproven: 'ERR_CODE_009',
  methodTaken: 'ERR_CODE_010',
  addressTaken: 'ERR_CODE_011',
  ownTaken: 'ERR_CODE_012',
} as const;

/**
 * Links an account that has a password, which is known, to the session's user: the session goes on.
 *
 * @throws 403 as `linkingContext` does.
 */
export async function linkPassword(
  input: SignInInput & { readonly session: Session },
  deps: SignInDeps,
): Promise<SignInOutcome> {
  const { tenant, client } = input;
  const context = await linkingContext(input, deps);
  const proved = await provePassword(input, deps);
  if (proved.status !== 'PROVED') return proved;
  const { method, user: owner } = proved;
  const satisfied = await isSatisfied({ user: owner, method, tenant, client, firstFactor: 'emailpassword' }, deps);
  const [outcome] = await Promise.all([
    linkToSession({ context, client, method, owner, satisfied, codes: LINK_CODES }, deps),
    proved.settle(owner),
  ]);
  if (outcome.status === 'REFUSED') return { status: 'SIGN_IN_NOT_ALLOWED', reason: linkRefused(outcome.code) };
  const { tokens, user } = outcome;
  return { status: 'OK', user, ...(tokens === undefined ? {} : { tokens }) };
}

/** The password was right. `settle` gives the guess back, and hashes anew what is hashed too weakly. */
interface Proved {
  readonly status: 'PROVED';
  readonly user: User;
  readonly method: LoginMethod;
  readonly settle: (user: User) => Promise<unknown>;
}

async function provePassword(input: SignInInput, deps: SignInDeps): Promise<Proved | SignInOutcome> {
  const { tenant, client } = input;
  requireFirstFactor(tenant, 'emailpassword');
  const form = readForm(input.formFields, 2);
  const password = form.get('password') ?? '';
  const email = canonicalEmail(form.get('email') ?? '');
  const faults = [
    ...(email === undefined ? [{ id: 'email', error: form.get('email') ? 'Email is invalid' : NOT_OPTIONAL }] : []),
    ...(password === '' ? [{ id: 'password', error: NOT_OPTIONAL }] : []),
  ];
  if (email === undefined || faults.length > 0) return { status: 'FIELD_ERROR', formFields: faults };

  const now = deps.clock.now();
  const guesses = wrongPasswords(tenant.tenantId, email, client.ip);
  // By what was typed, so that an account nobody has counts as well as one that somebody has.
  const limit = passwordPerIp(client.ip, deps.config.LIMIT_SCALE, `${tenant.tenantId} ${email}`);
  const [found, tried, guess] = await Promise.all([
    deps.users.byContact('emailpassword:email', tenant.tenantId, email),
    tryAccount({ limit, tenant, client, now }, deps),
    deps.limits.spend(guesses, now),
  ]);
  if (!tried.allowed) return tooMany(tried);
  if (!guess.allowed) return tooMany(guess);

  // Nobody's id costs the same Query as somebody's.
  const user = await deps.users.load(found?.userId ?? randomUUID());
  const method = user === undefined ? undefined : passwordMethod(user, email);
  const matches = await verifyPassword(method?.passwordHash ?? DUMMY_HASH, password);
  if (user === undefined || method === undefined || !matches || !mayEnter(user, tenant)) {
    await tried.settle(false);
    await reportWrongFirst({ tenant, client, factor: 'emailpassword', contact: email }, deps);
    return { status: 'WRONG_CREDENTIALS_ERROR' };
  }
  const settle = (owner: User) =>
    Promise.all([tried.settle(true), deps.limits.refund(guesses, now), rehash(owner, method, password, deps)]);
  return { status: 'PROVED', user, method, settle };
}

export const passwordMethod = (user: User, email: string): LoginMethod | undefined =>
  user.loginMethods.find((method) => method.recipeId === 'emailpassword' && method.email === email);

/** Whoever is disabled or of another tenant has no account here. */
export const mayEnter = (user: User, tenant: Tenant): boolean =>
  user.status === 'active' && user.tenantIds.includes(tenant.tenantId);

export const tooMany = (limited: LimitOutcome | Tried) => {
  const retryAfterMs = limited.allowed ? 0 : limited.retryAfterMs;
  const minutes = Math.max(1, Math.ceil(retryAfterMs / 60_000));
  return {
    status: 'GENERAL_ERROR',
    message: `Too many attempts. Please try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`,
    retryAfterMs,
  } as const;
};

/** Hashing has moved on since this password was stored. */
async function rehash(user: User, method: LoginMethod, password: string, deps: SignInDeps): Promise<void> {
  if (method.passwordHash === undefined || !needsRehash(method.passwordHash, password)) return;
  await deps.users.replacePasswordHash(user.userId, method, await hashPassword(password));
}
