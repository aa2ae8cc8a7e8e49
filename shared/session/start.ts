import { randomUUID } from 'node:crypto';
import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import { decisionEvent } from '../policies/decision-record.ts';
import { evaluate } from '../mfa/evaluate.ts';
import type { FactorId } from '../mfa/factor.ts';
import type { SessionStore } from '../ports.ts';
import { type PresentDeps, presentDevice, withDevice } from '../trusted-devices/present.ts';
import { rememberDevice } from '../trusted-devices/remember.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Client } from './client.ts';
import { factsOf } from './facts.ts';
import { type IssueDeps, type IssuedTokens, issueTokens } from './issue.ts';
import { tryRefreshToken } from '../protocol-error.ts';
import { firstRefreshToken, refreshTokenHash } from './refresh-token.ts';
import type { SessionRecord } from './session.ts';
import { withGraceStored } from './stored-grace.ts';

export type StartDeps = IssueDeps & PresentDeps & { readonly sessions: Pick<SessionStore, 'create'> };

/** How long a session may owe a factor before it must begin anew. @see security.md §1.9 */
export const PENDING_SESSION_SECONDS = 30 * 60;

/**
 * Begins a session: the choke point every first factor goes through, whatever it is.
 *
 * The policy decides what the token says; the handle is always new. The session is stored before its tokens leave. A
 * device that was remembered is recognised here, whatever the first factor; one that may go on at once is remembered.
 *
 * @throws 401 `try refresh token` when the session to be replaced moved on or ended meanwhile.
 */
export async function startSession(
  begun: {
    readonly user: User;
    readonly recipeUserId: string;
    readonly tenant: Tenant;
    readonly firstFactor: FactorId;
    readonly client: Client;
    /** When the account was made, where this session is the one that made it. Epoch milliseconds. */
    readonly signedUpAt?: number;
    /** The session this one takes the place of: what was completed in it counts, as of when it was. It ends with this. */
    readonly replaces?: SessionRecord;
  },
  deps: StartDeps,
): Promise<IssuedTokens> {
  const { user, tenant, client, replaces } = begun;
  // A sign-up session is known by having begun in the second the account was made: one moment, read once.
  const now = begun.signedUpAt ?? deps.clock.now();
  const secrets = await deps.keys.secrets();
  const handle = tenant.tenantId === 'public' ? randomUUID() : `${randomUUID()}_${tenant.tenantId}`;
  const completed = replaces?.completed ?? { [begun.firstFactor]: Math.floor(now / 1000) };
  const presented = await presentDevice({ user, tenant, client, now }, deps);
  const { firstFactor } = begun;
  const about = { user, tenant, firstFactor, completed, client, device: presented?.carried };
  const facts = await withGraceStored(tenant, await factsOf(about, deps), deps);
  const evaluation = evaluate(tenant, facts);
  const pending = !evaluation.claim.v;
  const token = firstRefreshToken(secrets, user.userId, handle);
  const life = replaces === undefined ? lifetimes(now, pending, deps) : remainingLife({ replaces, now, pending }, deps);
  const remembered =
    pending || presented !== undefined || replaces !== undefined
      ? undefined
      : rememberDevice({ user, tenant, client, firstFactor, completed, device: undefined, now }, secrets);
  const { carried: device, handout } = presented ?? remembered ?? {};

  const record: SessionRecord = {
    userId: user.userId,
    handle,
    tenantId: tenant.tenantId,
    recipeUserId: begun.recipeUserId,
    firstFactor,
    completed,
    createdAt: now,
    refreshTokenHash: refreshTokenHash(token),
    boundary: false,
    generation: 0,
    branch: 0,
    rotatedAt: now,
    fingerprint: fingerprintOf(secrets, tenant.tenantId, client),
    ...life,
    epoch: user.epoch,
    userAgent: client.userAgent.slice(0, 256),
    satisfied: !pending,
    ...(device === undefined ? {} : { device }),
  };
  const { tokens } = await issueTokens(
    {
      user,
      tenant,
      facts,
      handle,
      recipeUserId: begun.recipeUserId,
      refresh: { token, expiresAt: Math.min(life.idleExpiresAt, life.absoluteExpiresAt), issuedAt: now },
      until: life.absoluteExpiresAt,
      device,
    },
    deps,
  );
  const occasion = replaces === undefined ? 'sign-in' : 'tenant-switch';
  const decision = decisionEvent({ tenant, facts, evaluation, occasion, handle });
  const beside = { remember: remembered?.change, rotate: presented?.rotate, replaces, decision };
  const stored = await deps.sessions.create(record, beside);
  if (stored.replaced === false) throw tryRefreshToken();
  if (!stored.created && presented !== undefined) {
    // Another sign-in replaced the device's value in the same moment: once more, with the device as it is.
    return startSession({ ...begun, user: withDevice(user, presented.carried.id, stored.device) }, deps);
  }
  const { userId } = user;
  deps.log.info('session.begun', { tenantId: tenant.tenantId, userId, firstFactor, occasion, satisfied: !pending });
  return handout === undefined ? tokens : { ...tokens, device: handout };
}

/** When a session ends, whatever is done, and when for want of use. @param createdAt epoch milliseconds. */
export function lifetimes(now: number, pending: boolean, { config }: Pick<IssueDeps, 'config'>, createdAt = now) {
  const absolute = pending
    ? Math.min(PENDING_SESSION_SECONDS, config.REFRESH_ABSOLUTE_SECONDS)
    : config.REFRESH_ABSOLUTE_SECONDS;
  return {
    idleExpiresAt: now + config.REFRESH_IDLE_SECONDS * 1000,
    absoluteExpiresAt: createdAt + absolute * 1000,
  };
}

/**
 * How long a session lives that takes another's place: never longer than one that began with its first factor may, and
 * one that owes something no longer than what it comes from.
 */
function remainingLife(
  about: { readonly replaces: SessionRecord; readonly now: number; readonly pending: boolean },
  deps: Pick<IssueDeps, 'config'>,
) {
  const { replaces, now, pending } = about;
  const life = lifetimes(now, pending, deps);
  const begunAt = replaces.completed[replaces.firstFactor];
  const end = begunAt === undefined || pending ? replaces.absoluteExpiresAt : endOf(begunAt * 1000, deps);
  return { ...life, absoluteExpiresAt: Math.min(life.absoluteExpiresAt, end) };
}

const endOf = (begunAt: number, deps: Pick<IssueDeps, 'config'>): number =>
  lifetimes(begunAt, false, deps).absoluteExpiresAt;
