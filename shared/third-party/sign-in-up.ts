import { timingSafeEqual } from 'node:crypto';
import { joinNew, linkByAddress, type LinkDeps } from '../account/link-accounts.ts';
import { linkingContext } from '../account/link-to-session.ts';
import { mayEnter, requireFirstFactor, tooMany } from '../account/sign-in.ts';
import type { Tenant } from '../account/tenant.ts';
import { type LoginMethod, type User, userView, type UserView } from '../account/user.ts';
import { signInPerIp } from '../limits.ts';
import type { OauthState, ProviderEmailStore, UserStore } from '../ports.ts';
import { unavailable } from '../protocol-error.ts';
import type { Client } from '../session/client.ts';
import type { IssuedTokens } from '../session/issue.ts';
import type { Session } from '../session/session.ts';
import { startSession, type StartDeps } from '../session/start.ts';
import { type AuthoriseDeps, browserHash, providerFailed, requireProvider, requireRedirect } from './authorise.ts';
import type { Identity } from './identity.ts';
import { knownAs, type Known, linkIdentity } from './link-identity.ts';
import { accountFor } from './new-account.ts';
import type { Provider } from './presets.ts';

export type SignInUpDeps = StartDeps &
  LinkDeps &
  AuthoriseDeps & { readonly users: UserStore; readonly providerEmails: ProviderEmailStore };

export interface SignInUpInput {
  readonly tenant: Tenant;
  /** The identity is to be linked to its user. */
  readonly session?: Session | undefined;
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
  /** No account had the identity before. */
  readonly isNew: boolean;
  /** When this sign-in made the account. */
  readonly signedUpAt?: number | undefined;
};

export type SignInUpOutcome =
  | {
      readonly status: 'OK';
      readonly user: UserView;
      readonly createdNewRecipeUser: boolean;
      /** Not part of the body. Absent where a session is there already and goes on as it is. */
      readonly tokens?: IssuedTokens;
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
 * With a session the identity becomes one more way to sign in of its user, and the session goes on.
 *
 * @throws 401 when the tenant does not begin sessions with a provider, 400 for an unknown one; 403 as `linkingContext`
 * does.
 * @see FDI /signinup
 */
export async function signInUp(input: SignInUpInput, deps: SignInUpDeps): Promise<SignInUpOutcome> {
  const { tenant, client } = input;
  requireFirstFactor(tenant, 'thirdparty');
  const provider = requireProvider(tenant, input.thirdPartyId, input.clientType);
  requireRedirect(input.redirectUri, provider, tenant, deps.config);
  const context =
    input.session === undefined ? undefined : await linkingContext({ ...input, session: input.session }, deps);
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

  if (context !== undefined) return linkIdentity({ identity: answer.identity, provider, client, context }, deps);

  const entered = await enter({ identity: answer.identity, provider, tenant, client }, deps);
  if (entered.status !== 'OK') return entered;
  const { user, method, isNew, signedUpAt } = entered;
  const { recipeUserId } = method;
  const begun = { user, tenant, client, recipeUserId, firstFactor: 'thirdparty' } as const;
  const tokens = await startSession({ ...begun, ...(signedUpAt === undefined ? {} : { signedUpAt }) }, deps);
  return { status: 'OK', user: userView(user), createdNewRecipeUser: isNew, tokens };
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

interface Arrival {
  readonly identity: Identity;
  readonly provider: Provider;
  readonly tenant: Tenant;
  readonly client: Client;
}

const TRIES = 3;

/** The account of an identity: the one that has it, the one of its proven address where these are linked, or a new one. */
async function enter(arrival: Arrival, deps: SignInUpDeps, tries = TRIES): Promise<Entered | Refusal> {
  const { identity, provider, tenant, client } = arrival;
  const entry = { tenant, client, firstFactor: 'thirdparty' } as const;
  const known = await knownAs(identity, provider, tenant, deps);
  if (known !== undefined) {
    const entered = await returning(known, identity, tenant, deps);
    if (entered.status !== 'OK') return entered;
    return { ...entered, user: await linkByAddress({ ...entry, ...entered }, deps) };
  }
  if (identity.email === undefined && provider.requireEmail) return { status: 'NO_EMAIL_GIVEN_BY_PROVIDER' };
  const now = deps.clock.now();
  const { user, method } = accountFor({ identity, thirdPartyId: provider.thirdPartyId, tenant, now });
  const joined = await joinNew({ method, tenant, client }, deps);
  if (joined.status === 'JOINED') return { status: 'OK', user: joined.user, method, isNew: true };
  if (joined.status === 'ALONE' && (await deps.users.create(user, method))) {
    const own = await linkByAddress({ ...entry, user, method }, deps);
    return { status: 'OK', user: own, method, isNew: true, signedUpAt: own.userId === user.userId ? now : undefined };
  }
  // Another call made it meanwhile.
  if (tries <= 1) throw unavailable();
  return enter(arrival, deps, tries - 1);
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
  if (!isNews) return { status: 'OK', user, method, isNew: false };
  const outcome = await deps.providerEmails.replace({ user, method, email });
  if (outcome === 'taken') {
    return refused('because new email cannot be applied to existing account. Please contact support.', 'ERR_CODE_005');
  }
  const now = outcome === 'changed' ? undefined : await deps.users.load(user.userId);
  const own = now?.loginMethods.find(({ recipeUserId }) => recipeUserId === method.recipeUserId);
  return { status: 'OK', user: now ?? user, method: own ?? method, isNew: false };
}
