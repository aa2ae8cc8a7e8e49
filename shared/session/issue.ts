import type { Tenant } from '../account/tenant.ts';
import { emailsOf, factorsSetUp, isEmailVerified, phonesOf, type User } from '../account/user.ts';
import type { Config } from '../config.ts';
import { type Evaluation, evaluate } from '../mfa/evaluate.ts';
import type { Facts } from '../mfa/facts.ts';
import { amrOf, type FactorId, isSameWay } from '../mfa/factor.ts';
import type { Completed } from '../mfa/requirements.ts';
import type { Clock, Keyring, RoleStore } from '../ports.ts';
import { type DeviceHandout, type SessionDevice, trustIn } from '../trusted-devices/device.ts';
import { type GraceDeps, withGraceStored } from './stored-grace.ts';
import {
  type AccessTokenPayload,
  audienceOf,
  frontTokenOf,
  issuerOf,
  pendingAudienceOf,
  signAccessToken,
} from './access-token.ts';
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

/** Where a request came from, as far as policy and fingerprints may know. */
export interface Client {
  readonly ip: string;
  readonly userAgent: string;
  readonly country: string;
  readonly authMode: string;
  /** What it shows to be recognised by, unchecked. */
  readonly devices?: readonly string[];
  /** Its user asks not to be asked again on it. */
  readonly rememberDevice?: boolean;
  /** As the browser sent it. */
  readonly acceptLanguage?: string | undefined;
}

/** Loads nothing but what is cached: everything a policy may read, about this user in this session, now. */
export async function factsOf(
  about: {
    readonly user: User;
    readonly tenant: Tenant;
    readonly firstFactor: FactorId;
    readonly completed: Completed;
    readonly client: Client;
    readonly device?: SessionDevice | undefined;
  },
  { roles, clock }: Pick<IssueDeps, 'roles' | 'clock'>,
): Promise<Facts> {
  const { user, tenant, client } = about;
  const ownRoles = Object.hasOwn(user.roles, tenant.tenantId) ? (user.roles[tenant.tenantId] ?? []) : [];
  return {
    user: {
      id: user.userId,
      roles: ownRoles,
      permissions: await roles.permissionsOf(ownRoles),
      emails: emailsOf(user),
      phones: phonesOf(user),
      requiredFactors: user.requiredFactors,
      metadata: user.metadata,
      timeJoined: user.timeJoined,
      factorsSetUp: factorsSetUp(user),
      owedFactors: user.owedFactors ?? [],
      ...spared(user, tenant.tenantId),
    },
    tenant: {
      id: tenant.tenantId,
      requiredSecondaryFactors: tenant.requiredSecondaryFactors,
      metadata: tenant.metadata,
    },
    session: {
      firstFactor: about.firstFactor,
      completed: about.completed,
      isNewDevice: about.device?.isNew ?? true,
      ...trustIn(about, clock.now()),
    },
    request: { ip: client.ip, country: client.country, userAgent: client.userAgent },
    now: clock.now(),
  };
}

/** What the user is spared in this tenant. Own members only: a tenant may be called `constructor`. */
const spared = (
  { grace = {}, exemptions = {} }: User,
  tenantId: string,
): Pick<Facts['user'], 'grace' | 'exemption'> => ({
  ...(Object.hasOwn(grace, tenantId) ? { grace: grace[tenantId]! } : {}),
  ...(Object.hasOwn(exemptions, tenantId) ? { exemption: exemptions[tenantId]! } : {}),
});

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

interface Verification {
  readonly mode: Tenant['emailVerification'];
  readonly verified: boolean;
}

const verificationOf = (tenant: Tenant, user: User, recipeUserId: string): Verification => ({
  mode: tenant.emailVerification,
  verified: isEmailVerified(user, recipeUserId),
});

/** Everything the policy, the roles and the address decide about a token. */
function claimsOf(
  config: Pick<Config, 'PUBLIC_URL'>,
  { claim }: Evaluation,
  facts: Facts,
  now: number,
  { mode, verified }: Verification,
) {
  const isDone = claim.v && (mode !== 'REQUIRED' || verified);
  return {
    aud: isDone ? audienceOf(config) : pendingAudienceOf(config),
    scope: isDone ? 'mfa' : '',
    ...(mode === 'OFF' ? {} : { 'st-ev': { v: verified, t: now } }),
    amr: amrOf(claim.c),
    acr: claim.v && isSeveralFactors(claim.c, facts.session.firstFactor) ? 'urn:stepgate:mfa' : 'urn:stepgate:single',
    auth_time: Math.max(...Object.values(claim.c)),
    'st-mfa': claim,
    'st-role': { v: facts.user.roles, t: now },
    'st-perm': { v: facts.user.permissions, t: now },
  };
}

/** A code to the mailbox that began the session is the same factor again, whatever the tenant makes of it. */
const isSeveralFactors = (completed: Completed, firstFactor: FactorId): boolean =>
  Object.keys(completed).some((factor) => factor !== firstFactor && !isSameWay(factor, firstFactor));

/** A claim whose expression fails on these facts is left out: it may inform, never decide. */
function customClaims(tenant: Tenant, facts: Facts): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    tenant.claims.flatMap(({ name, condition }) => {
      try {
        return [[name, jsonValue(condition.evaluate(facts))]];
      } catch {
        return [];
      }
    }),
  );
}

const jsonValue = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? Number(item) : item)));

/** `t` of a claim is when it was looked up, not what it says. */
function sameClaims(old: Readonly<Record<string, unknown>>, fresh: Readonly<Record<string, unknown>>): boolean {
  const said = (value: unknown) =>
    JSON.stringify(value, (key, item: unknown) => (key === 't' && typeof item === 'number' ? 0 : item));
  return Object.entries(fresh).every(([name, value]) => said(old[name]) === said(value));
}
