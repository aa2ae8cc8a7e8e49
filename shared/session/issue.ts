import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import type { Config } from '../config.ts';
import { type Evaluation, evaluate } from '../mfa/evaluate.ts';
import type { Facts } from '../mfa/facts.ts';
import type { Clock, Keyring, RoleStore } from '../ports.ts';
import type { DeviceHandout, SessionDevice } from '../trusted-devices/device.ts';
import { type GraceDeps, withGraceStored } from './stored-grace.ts';
import { type AccessTokenPayload, frontTokenOf, issuerOf, signAccessToken } from './access-token.ts';
import { claimsOf, customClaims, epochClaims, sameClaims, verificationOf } from './claims.ts';
import { antiCsrfOf, refreshTokenHash } from './refresh-token.ts';
import { endOfToken } from './token-life.ts';

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
    /** `issuedAt`: when it came to be. */
    readonly refresh: { readonly token: string; readonly expiresAt: number; readonly issuedAt: number };
    readonly until: number;
    readonly device?: SessionDevice | undefined;
  },
  deps: IssueDeps,
): Promise<{ readonly tokens: IssuedTokens; readonly evaluation: Evaluation; readonly payload: AccessTokenPayload }> {
  const { config, keys, clock } = deps;
  const facts = await withGraceStored(about.tenant, about.facts, deps);
  const evaluation = evaluate(about.tenant, facts);
  const now = clock.now();
  const hash = refreshTokenHash(about.refresh.token);
  const viaToken = config.ANTI_CSRF === 'VIA_TOKEN';
  const antiCsrf = viaToken ? antiCsrfOf(await keys.secrets(), hash) : null;
  const { issuedAt } = about.refresh;
  const life = { refreshHash: hash, issuedAt, pending: !evaluation.claim.v, until: about.until, now };

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
    exp: endOfToken(life, config),
    epoch: about.user.epoch,
    ...epochClaims(about.tenant, now),
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
  const { pe, pt } = epochClaims(about.tenant, now);
  const fresh = {
    epoch: about.epoch,
    pe,
    'st-ev': undefined,
    ...customClaims(about.tenant, facts),
    ...claimsOf(deps.config, evaluation, facts, now, verification),
  };
  if (about.always !== true && sameClaims(about.payload, fresh)) return undefined;
  const payload = { ...about.payload, ...fresh, pt, iat: Math.floor(now / 1000) };
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
