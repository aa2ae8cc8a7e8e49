import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import type { Config } from '../config.ts';
import { type Evaluation, evaluate } from '../mfa/evaluate.ts';
import type { Facts } from '../mfa/facts.ts';
import type { Clock, Keyring, RoleStore } from '../ports.ts';
import type { DeviceHandout, SessionDevice } from '../trusted-devices/device.ts';
import { type GraceDeps, withGraceStored } from './stored-grace.ts';
import { type AccessTokenPayload, frontTokenOf, issuerOf, signAccessToken } from './access-token.ts';
import { claimsOf, customClaims, sameClaims, verificationOf } from './claims.ts';
import { antiCsrfOf, refreshTokenHash } from './refresh-token.ts';

/** What a reply hands to the client. `refresh` is absent where only the access token is new. */
export interface IssuedTokens {
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  readonly accessToken: string;
  readonly frontToken: string;
  readonly refresh?: { readonly token: string; readonly expiresAt: number };
  /** Only with VIA_TOKEN, and only when the refresh token is new. */
  readonly antiCsrf?: string;
  /** What the client keeps beyond the session, to be recognised by. */
  readonly device?: DeviceHandout;
}

export interface IssueDeps {
  readonly config: Pick<
    Config,
    'PUBLIC_URL' | 'ANTI_CSRF' | 'ACCESS_TOKEN_SECONDS' | 'REFRESH_IDLE_SECONDS' | 'REFRESH_ABSOLUTE_SECONDS'
  >;
  readonly clock: Clock;
  readonly keys: Keyring;
  readonly roles: RoleStore;
  readonly users: GraceDeps['users'];
}

/** A session that still owes a factor gets a shorter token: 600 seconds. @see security.md §1.9 */
const PENDING_TOKEN_SECONDS = 600;
/** Up to 5 % off a token's life, so that tabs and clients do not all come back at once. */
const JITTER = 0.05;

/**
 * Evaluates the policy and signs an access token for it: the only way a token comes to be. A grace that begins by it is
 * stored before.
 *
 * @param about.until the token never outlives the session's absolute end.
 */
export async function issueTokens(
  about: {
    readonly user: User;
    readonly tenant: Tenant;
    readonly facts: Facts;
    readonly handle: string;
    readonly recipeUserId: string;
    readonly refresh: { readonly token: string; readonly expiresAt: number };
    readonly until: number;
    readonly device?: SessionDevice | undefined;
  },
  deps: IssueDeps,
): Promise<{ readonly tokens: IssuedTokens; readonly evaluation: Evaluation; readonly payload: AccessTokenPayload }> {
  const { config, keys, clock } = deps;
  const facts = await withGraceStored(about.tenant, about.facts, deps);
  const evaluation = evaluate(about.tenant, facts);
  const seconds = evaluation.claim.v
    ? config.ACCESS_TOKEN_SECONDS
    : Math.min(config.ACCESS_TOKEN_SECONDS, PENDING_TOKEN_SECONDS);
  const now = clock.now();
  const life = Math.min(Math.ceil(seconds * (1 - Math.random() * JITTER)), Math.floor((about.until - now) / 1000));
  const hash = refreshTokenHash(about.refresh.token);
  const viaToken = config.ANTI_CSRF === 'VIA_TOKEN';
  const antiCsrf = viaToken ? antiCsrfOf(await keys.secrets(), hash) : null;

  const payload: AccessTokenPayload = {
    ...customClaims(about.tenant, facts),
    iss: issuerOf(config),
    sub: about.user.userId,
    rsub: about.recipeUserId,
    tId: about.tenant.tenantId,
    sessionHandle: about.handle,
    refreshTokenHash1: hash,
    parentRefreshTokenHash1: null,
    antiCsrfToken: antiCsrf,
    iat: Math.floor(now / 1000),
    exp: Math.floor(now / 1000) + Math.max(1, life),
    epoch: about.user.epoch,
    pe: about.tenant.policyHash,
    firstFactor: facts.session.firstFactor,
    ...(about.device === undefined ? {} : { 'st-device': about.device }),
    ...claimsOf(config, evaluation, facts, now, verificationOf(about.tenant, about.user, about.recipeUserId)),
  };
  const accessToken = await signAccessToken(payload, deps);
  return {
    evaluation,
    payload,
    tokens: {
      issuedAt: now,
      accessToken,
      frontToken: frontTokenOf(payload),
      refresh: about.refresh,
      ...(antiCsrf === null ? {} : { antiCsrf }),
    },
  };
}

/**
 * The same token again with claims as they are now: handle, hashes, `exp` and anti-CSRF value stay, `iat` is new.
 *
 * @returns undefined when nothing a client could see has changed, unless `always`.
 */
export async function reissueTokens(
  about: {
    readonly payload: AccessTokenPayload;
    readonly user: User;
    readonly tenant: Tenant;
    readonly facts: Facts;
    readonly epoch: number;
    readonly always?: boolean;
  },
  deps: IssueDeps,
): Promise<IssuedTokens | undefined> {
  const facts = await withGraceStored(about.tenant, about.facts, deps);
  const evaluation = evaluate(about.tenant, facts);
  const now = deps.clock.now();
  const verification = verificationOf(about.tenant, about.user, about.payload.rsub);
  const fresh = {
    epoch: about.epoch,
    pe: about.tenant.policyHash,
    'st-ev': undefined,
    ...customClaims(about.tenant, facts),
    ...claimsOf(deps.config, evaluation, facts, now, verification),
  };
  if (about.always !== true && sameClaims(about.payload, fresh)) return undefined;
  const payload = { ...about.payload, ...fresh, iat: Math.floor(now / 1000) };
  return { issuedAt: now, accessToken: await signAccessToken(payload, deps), frontToken: frontTokenOf(payload) };
}

/** The same token under the user's new epoch, with the claims it has: a change that ends all sessions but this one. */
export async function renewEpoch(
  old: AccessTokenPayload,
  epoch: number,
  deps: Pick<IssueDeps, 'clock' | 'keys'>,
): Promise<IssuedTokens> {
  const now = deps.clock.now();
  const payload = { ...old, epoch, iat: Math.floor(now / 1000) };
  return { issuedAt: now, accessToken: await signAccessToken(payload, deps), frontToken: frontTokenOf(payload) };
}
