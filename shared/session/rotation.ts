import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import type { Config } from '../config.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { SessionStore } from '../ports.ts';
import type { Client } from './client.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type RefreshToken, refreshTokenHash, successor } from './refresh-token.ts';
import { isLive, type SessionRecord } from './session.ts';
import type { reportTheft as report, TheftDeps } from './theft.ts';
import { isBackEarly } from './token-life.ts';

/** How a session goes on from one refresh token to the next, and what becomes of one that is presented again. */

export type RotationDeps = TheftDeps & {
  readonly config: Pick<Config, 'REFRESH_GRACE_SECONDS' | 'REFRESH_IDLE_SECONDS' | 'ACCESS_TOKEN_SECONDS'>;
  readonly sessions: SessionStore;
};

/** A refresh token that was presented, and by whom. */
export interface Given {
  readonly token: string;
  readonly from: RefreshToken;
  readonly client: Client;
}

/** What the caller goes on with. */
export interface Moved {
  readonly session: SessionRecord;
  readonly refreshToken: string;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  /** The access token it has may still be good, so that it may be here because that was refused. */
  readonly isEarly: boolean;
}

/** A parent from before a factor was completed, or of a strict tenant, is forgiven for this long. */
const SHORT_GRACE_MS = 5_000;
const MAX_BRANCHES = 3;

/** Read with the first theft, and with it all that tells the user. */
const reportTheft: typeof report = async (...theft) => (await import('./theft.ts')).reportTheft(...theft);

/** Rules 1 to 5: which token the caller may go on with, if any. @see security.md §3.6 */
export async function move(
  secrets: Secrets,
  given: Given & { readonly user: User; readonly tenant: Tenant },
  deps: RotationDeps,
): Promise<Moved | 'UNAUTHORISED' | 'THEFT' | 'STALE'> {
  const { from, user, tenant } = given;
  const now = deps.clock.now();
  const hash = refreshTokenHash(given.token);
  const fingerprint = fingerprintOf(secrets, tenant.tenantId, given.client);
  const child = successor(secrets, from, hash, 0);

  const step = await deps.sessions.rotate({
    userId: user.userId,
    handle: from.handle,
    epoch: user.epoch,
    from: hash,
    to: refreshTokenHash(child),
    now,
    fingerprint,
    idleExpiresAt: now + deps.config.REFRESH_IDLE_SECONDS * 1000,
  });
  if (step === undefined) return 'UNAUTHORISED';
  const { session } = step;
  if (step.moved) {
    const isEarly = isBackEarly({ refreshHash: hash, issuedAt: step.heldSince, now }, deps.config);
    return { session, refreshToken: child, issuedAt: now, isEarly };
  }
  if (!isLive(session, now)) return 'UNAUTHORISED';
  if (session.epoch !== user.epoch) return session.epoch > user.epoch ? 'STALE' : 'UNAUTHORISED';
  if (session.parentTokenHash !== hash) {
    await reportTheft({ user, tenant, session }, deps);
    return 'THEFT';
  }
  return replay(secrets, { from, tenant, hash, session, fingerprint, now }, deps);
}

/** The parent again: a second tab, a lost reply, or a thief. */
async function replay(
  secrets: Secrets,
  given: {
    readonly from: RefreshToken;
    readonly tenant: Tenant;
    readonly hash: string;
    readonly session: SessionRecord;
    readonly fingerprint: string;
    readonly now: number;
  },
  deps: RotationDeps,
): Promise<Moved | 'UNAUTHORISED' | 'THEFT'> {
  const { from, hash, session, fingerprint, now } = given;
  const short = given.tenant.strictRefresh || session.boundary;
  const grace = deps.config.REFRESH_GRACE_SECONDS * 1000;
  const within = now <= session.rotatedAt + (short ? Math.min(SHORT_GRACE_MS, grace) : grace);

  if (within && session.fingerprint === fingerprint) {
    return { session, refreshToken: successor(secrets, from, hash, session.branch), issuedAt: now, isEarly: true };
  }
  if (short) {
    await deps.sessions.revoke(session.userId, session.handle, now, 'late-parent');
    return 'UNAUTHORISED';
  }
  if (session.branch >= MAX_BRANCHES) {
    await reportTheft({ user: undefined, tenant: given.tenant, session }, deps);
    return 'THEFT';
  }
  const child = successor(secrets, from, hash, session.branch + 1);
  const done = await deps.sessions.rebranch({ session, to: refreshTokenHash(child), now, fingerprint });
  if (done) {
    deps.log.info('refresh.rebranch', { branch: session.branch + 1 });
    return { session: { ...session, branch: session.branch + 1 }, refreshToken: child, issuedAt: now, isEarly: true };
  }
  // Another call was first: the same rules for what it made of the session. Its child is for clients like it alone.
  const seen = await deps.sessions.get(session.userId, session.handle);
  if (seen === undefined || !isLive(seen, now) || seen.parentTokenHash !== hash) return 'UNAUTHORISED';
  return replay(secrets, { ...given, session: seen }, deps);
}
