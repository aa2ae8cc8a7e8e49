import { timingSafeEqual } from 'node:crypto';
import { accountFor } from '../account/linking.ts';
import { mayEnter, requireFirstFactor, tooMany } from '../account/sign-in.ts';
import type { Tenant } from '../account/tenant.ts';
import { type LoginMethod, type User, userView, type UserView } from '../account/user.ts';
import { signInPerIp } from '../limits.ts';
import type { OauthState, ProviderEmailStore, UserStore } from '../ports.ts';
import { unavailable } from '../protocol-error.ts';
import type { Client, IssuedTokens } from '../session/issue.ts';
import { startSession, type StartDeps } from '../session/start.ts';
import { type AuthoriseDeps, browserHash, providerFailed, requireProvider, requireRedirect } from './authorise.ts';
import type { Identity } from './identity.ts';
import type { Provider } from './presets.ts';

export type SignInUpDeps = StartDeps &
  AuthoriseDeps & { readonly users: UserStore; readonly providerEmails: ProviderEmailStore };

export interface SignInUpInput {
  readonly tenant: Tenant;
  readonly client: Client;
  readonly requestId: string;
  readonly thirdPartyId: string;
  readonly clientType: string | undefined;
  readonly redirectUri: string;
  /** What the provider added to the redirect address. */
  readonly params: Readonly<Record<string, string>>;
  readonly codeVerifier: string;
  readonly browser: string | undefined;
}

type Refusal =
  | { readonly status: 'NO_EMAIL_GIVEN_BY_PROVIDER' }
  | { readonly status: 'SIGN_IN_UP_NOT_ALLOWED'; readonly reason: string };

type Entered = {
  readonly status: 'OK';
  readonly user: User;
  readonly method: LoginMethod;
  readonly signedUpAt?: number;
};

export type SignInUpOutcome =
  | {
      readonly status: 'OK';
      readonly user: UserView;
      readonly createdNewRecipeUser: boolean;
      /** Not part of the body. */
      readonly tokens: IssuedTokens;
    }
  | Refusal
  | { readonly status: 'GENERAL_ERROR'; readonly message: string; readonly retryAfterMs?: number };

const NOT_STARTED_HERE = {
  status: 'GENERAL_ERROR',
  message: 'This sign-in was not started here, or it took too long. Please try again.',
} as const;

/**
 * Ends a sign-in that began at a provider: redeems the code, and begins a session for whoever the provider says it is.
 *
 * The state is used up before anything is compared, so that of any number of parallel calls one goes on.
 *
 * @throws 401 when the tenant does not begin sessions with a provider, 400 for an unknown one.
 * @see FDI /signinup
 */
export async function signInUp(input: SignInUpInput, deps: SignInUpDeps): Promise<SignInUpOutcome> {
  const { tenant, client } = input;
  requireFirstFactor(tenant, 'thirdparty');
  const provider = requireProvider(tenant, input.thirdPartyId, input.clientType);
  requireRedirect(input.redirectUri, provider, tenant, deps.config);
  const now = deps.clock.now();
  const address = await deps.limits.spend(signInPerIp(client.ip, deps.config.LIMIT_SCALE), now);
  if (!address.allowed) return tooMany(address);

  const state = await deps.oauthStates.claim(tenant.tenantId, input.codeVerifier, input.requestId);
  if (state === undefined || !belongs(state, input, provider, now)) return NOT_STARTED_HERE;
  const answer = await deps.idps.identify(provider, {
    tenantId: tenant.tenantId,
    redirectUri: state.redirectUri,
    params: input.params,
    codeVerifier: input.codeVerifier,
    nonce: state.nonce,
  });
  if (answer.status !== 'OK') return providerFailed(answer, provider, tenant, deps);

  const entered = await enter(answer.identity, provider, tenant, deps);
  if (entered.status !== 'OK') return entered;
  const { user, method, signedUpAt } = entered;
  const tokens = await startSession(
    {
      user,
      tenant,
      client,
      recipeUserId: method.recipeUserId,
      firstFactor: 'thirdparty',
      ...(signedUpAt === undefined ? {} : { signedUpAt }),
    },
    deps,
  );
  return { status: 'OK', user: userView(user), createdNewRecipeUser: signedUpAt !== undefined, tokens };
}

/** A flow that began in a browser with cookies ends in that browser. */
function belongs(state: OauthState, input: SignInUpInput, provider: Provider, now: number): boolean {
  return (
    now < state.expiresAt &&
    state.thirdPartyId === provider.thirdPartyId &&
    state.clientId === provider.clientId &&
    state.redirectUri === input.redirectUri &&
    (state.browserHash === undefined || isSame(state.browserHash, browserHash(input.browser ?? '')))
  );
}

const isSame = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** The account of an identity: the one that has it, or a new one. Never one that merely has its address. */
async function enter(
  identity: Identity,
  provider: Provider,
  tenant: Tenant,
  deps: SignInUpDeps,
): Promise<Entered | Refusal> {
  const known = await knownAs(identity, provider, tenant, deps);
  if (known !== undefined) return returning(known, identity, tenant, deps);
  if (identity.email === undefined && provider.requireEmail) return { status: 'NO_EMAIL_GIVEN_BY_PROVIDER' };
  const now = deps.clock.now();
  const { user, method } = accountFor({ identity, thirdPartyId: provider.thirdPartyId, tenant, now });
  if (await deps.users.create(user, method)) return { status: 'OK', user, method, signedUpAt: now };
  // Another call made it meanwhile.
  const raced = await knownAs(identity, provider, tenant, deps);
  if (raced === undefined) throw unavailable();
  return returning(raced, identity, tenant, deps);
}

type Known = { readonly user: User; readonly method: LoginMethod };

async function knownAs(
  { subject }: Identity,
  { thirdPartyId }: Provider,
  { tenantId }: Tenant,
  { users }: SignInUpDeps,
): Promise<Known | undefined> {
  const found = await users.byContact('thirdparty', tenantId, `${thirdPartyId}|${subject}`);
  const user = found === undefined ? undefined : await users.load(found.userId);
  const method = user?.loginMethods.find(
    ({ thirdParty }) => thirdParty?.id === thirdPartyId && thirdParty.userId === subject,
  );
  return user === undefined || method === undefined ? undefined : { user, method };
}

const refused = (sentence: string, code: string): Refusal => ({
  status: 'SIGN_IN_UP_NOT_ALLOWED',
  reason: `Cannot sign in / up ${sentence} (${code})`,
});

/** A new address is taken over when the provider vouches for it; what it does not vouch for changes nothing. */
async function returning(
  { user, method }: Known,
  { email, verified }: Identity,
  tenant: Tenant,
  deps: SignInUpDeps,
): Promise<Entered | Refusal> {
  if (!mayEnter(user, tenant)) {
    return refused('due to security reasons. Please try a different login method or contact support.', 'ERR_CODE_004');
  }
  const isNews = email !== undefined && verified && !(method.email === email && method.verified);
  if (!isNews) return { status: 'OK', user, method };
  const outcome = await deps.providerEmails.replace({ user, method, email });
  if (outcome === 'taken') {
    return refused('because new email cannot be applied to existing account. Please contact support.', 'ERR_CODE_005');
  }
  const now = outcome === 'changed' ? undefined : await deps.users.load(user.userId);
  return { status: 'OK', user: now ?? user, method };
}
