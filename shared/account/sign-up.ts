import { randomUUID } from 'node:crypto';
import { signUpPerIp } from '../limits.ts';
import { badRequest } from '../protocol-error.ts';
import type { Client } from '../session/client.ts';
import type { Session } from '../session/session.ts';
import { startSession } from '../session/start.ts';
import { canonicalEmail } from './contact.ts';
import { type FormFields, NOT_OPTIONAL, readForm } from './form-fields.ts';
import { linkingContext, linkRefused, linkToSession } from './link-to-session.ts';
import { checkPassword, hashPassword } from './password.ts';
import { requireFirstFactor, type SignInDeps, type Signed, tooMany } from './sign-in.ts';
import type { Tenant } from './tenant.ts';
import { type LoginMethod, type User, userView, userWith } from './user.ts';
import { type CHECK_MAIL, signUpByMail, type SignUpByMailDeps } from './sign-up-by-mail.ts';

const EMAIL_EXISTS = 'This email already exists. Please sign in instead.';

type SignUpInput = { readonly tenant: Tenant; readonly client: Client; readonly formFields: FormFields };
export type SignUpOutcome = Signed | { readonly status: 'SIGN_UP_NOT_ALLOWED'; readonly reason: string };

/**
 * Makes an account with e-mail and password and begins its first session.
 *
 * Of any number of parallel sign-ups with one address one gets `OK`. A taken address costs the same hash and the same
 * transaction as a free one. Nothing is linked by it: the address is not proven yet. With `strictEnumeration` the
 * account is made by a link in a mail instead.
 *
 * @throws 401 when the tenant does not begin sessions with a password.
 * @see FDI /signup
 */
export async function signUp(
  input: SignUpInput & { readonly origin?: string | undefined },
  deps: SignInDeps & SignUpByMailDeps,
): Promise<Signed | typeof CHECK_MAIL> {
  const { tenant, client } = input;
  const filled = await fillForm(input, deps);
  if (filled.status !== 'FILLED') return filled;
  const { user, method } = filled;
  if (tenant.strictEnumeration) {
    const { email = '', passwordHash = '', timeJoined: now } = method;
    return signUpByMail({ tenant, email, passwordHash, metadata: user.metadata, origin: input.origin, now }, deps);
  }
  if (!(await deps.users.create(user, method))) return EXISTS;
  const begun = { user, tenant, client, recipeUserId: method.recipeUserId, firstFactor: 'emailpassword' } as const;
  const tokens = await startSession({ ...begun, signedUpAt: method.timeJoined }, deps);
  return { status: 'OK', user: userView(user), tokens };
}

const LINK_CODES = {
  unproven: 'ERR_CODE_013',
  methodTaken: 'ERR_CODE_014',
  addressTaken: 'ERR_CODE_015',
  ownTaken: 'ERR_CODE_016',
} as const;

/**
 * Gives the session's account a password, for an address that it has proven: the session goes on.
 *
 * @throws 403 as `linkingContext` does.
 */
export async function addPassword(
  input: SignUpInput & { readonly session: Session },
  deps: SignInDeps,
): Promise<SignUpOutcome> {
  const { client } = input;
  const context = await linkingContext(input, deps);
  const filled = await fillForm(input, deps);
  if (filled.status !== 'FILLED') return filled;
  const outcome = await linkToSession({ context, client, method: filled.method, codes: LINK_CODES }, deps);
  if (outcome.status === 'OK') {
    const { user, tokens } = outcome;
    return { status: 'OK', user, ...(tokens === undefined ? {} : { tokens }) };
  }
  if (outcome.why === 'methodTaken') return EXISTS;
  return { status: 'SIGN_UP_NOT_ALLOWED', reason: linkRefused(outcome.code) };
}

const EXISTS = { status: 'FIELD_ERROR', formFields: [{ id: 'email', error: EMAIL_EXISTS }] } as const;

type Filled = { readonly status: 'FILLED'; readonly user: User; readonly method: LoginMethod };

/** What the form asks for, when nothing is wrong with it. */
async function fillForm({ tenant, client, formFields }: SignUpInput, deps: SignInDeps): Promise<Filled | Signed> {
  requireFirstFactor(tenant, 'emailpassword');
  const form = readForm(formFields, 2 + tenant.signUpFields.length);
  const email = canonicalEmail(form.get('email') ?? '');
  const password = form.get('password') ?? '';
  const extra = readExtraFields(form, tenant);
  const faults = [
    ...(email === undefined ? [{ id: 'email', error: form.get('email') ? 'Email is invalid' : NOT_OPTIONAL }] : []),
    ...(await passwordFault(password, tenant, email)),
    ...extra.faults,
  ];
  if (email === undefined || faults.length > 0) return { status: 'FIELD_ERROR', formFields: faults };

  const now = deps.clock.now();
  const address = await deps.limits.spend(signUpPerIp(client.ip, deps.config.LIMIT_SCALE), now);
  if (!address.allowed) return tooMany(address);
  const passwordHash = await hashPassword(password);
  return { status: 'FILLED', ...newAccount({ tenant, email, now, metadata: extra.metadata, passwordHash }) };
}

export async function passwordFault(password: string, tenant: Tenant, email: string | undefined) {
  if (password === '') return [{ id: 'password', error: NOT_OPTIONAL }];
  const error = await checkPassword(password, tenant.passwordMinLength, email);
  return error === undefined ? [] : [{ id: 'password', error }];
}

/** The tenant's own sign-up fields, kept in the user's metadata. Fields the tenant does not name are refused. */
function readExtraFields(form: ReadonlyMap<string, string>, tenant: Tenant) {
  const names = new Set(['email', 'password', ...tenant.signUpFields.map(({ id }) => id)]);
  if ([...form.keys()].some((id) => !names.has(id))) throw badRequest('formFields has a field nobody asked for');
  const faults: { id: string; error: string }[] = [];
  const metadata: Record<string, string> = {};
  for (const { id, optional, maxLength } of tenant.signUpFields) {
    const value = (form.get(id) ?? '').trim();
    if (value === '') {
      if (optional !== true) faults.push({ id, error: NOT_OPTIONAL });
    } else if (value.length > (maxLength ?? 200)) {
      faults.push({ id, error: `At most ${maxLength ?? 200} characters` });
    } else {
      metadata[id] = value;
    }
  }
  return { faults, metadata };
}

/** A new account with one password method. The first method's id is the user's. */
export function newAccount(of: {
  readonly tenant: Pick<Tenant, 'tenantId'>;
  readonly email: string;
  readonly passwordHash: string;
  readonly now: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
}): { readonly user: User; readonly method: LoginMethod } {
  const method: LoginMethod = {
    recipeUserId: randomUUID(),
    recipeId: 'emailpassword',
    email: of.email,
    verified: false,
    timeJoined: of.now,
    tenantIds: [of.tenant.tenantId],
    passwordHash: of.passwordHash,
  };
  return { user: userWith(method, of.metadata), method };
}
