import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import type { Config } from '../config.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { AuditStore, Log, Mailer, SessionStore, TenantStore, UserStore } from '../ports.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Client } from './client.ts';
import { factsOf } from './facts.ts';
import { type IssueDeps, type IssuedTokens, issueTokens } from './issue.ts';
import { readRefreshToken, type RefreshToken, refreshTokenHash, successor } from './refresh-token.ts';
import { noteAnswer } from './note-answer.ts';
import { isLive, type SessionRecord } from './session.ts';
import type { reportTheft as report } from './theft.ts';

export type RefreshDeps = IssueDeps & {
  readonly config: Pick<Config, 'REFRESH_GRACE_SECONDS' | 'APP_NAME'>;
  readonly users: Pick<UserStore, 'load'>;
  readonly tenants: TenantStore;
  readonly sessions: SessionStore;
  readonly audit: AuditStore;
  readonly mailer: Mailer;
  readonly log: Log;
};

export type RefreshOutcome =
  | { readonly status: 'OK'; readonly tokens: IssuedTokens; readonly session: SessionRecord }
  /** Nothing of ours, or a session that is over. */
  | { readonly status: 'UNAUTHORISED' }
  /** A displaced token: its session is revoked. */
  | { readonly status: 'THEFT' };

/** A parent from before a factor was completed, or of a strict tenant, is forgiven for this long. */
const SHORT_GRACE_MS = 5_000;
const MAX_BRANCHES = 3;

/** Read with the first theft, and with it all that tells the user. */
const reportTheft: typeof report = async (...theft) => (await import('./theft.ts')).reportTheft(...theft);

/**
 * Exchanges a refresh token for its successor and an access token with claims as they are now.
 *
 * Two requests: everything about the user, then one conditional write that moves the session; a third where the policy's
 * answer is another than the last time. Parallel calls with one
 * token all get the same successor; a lost reply may be asked for again; a token that was displaced is theft; garbage
 * changes nothing. The policy is evaluated anew, so a new role or rule reaches a live session here.
 *
 * @see security.md §3.6
 * @see FDI /session/refresh
 */
export async function refreshSession(
  presented: { readonly token: string; readonly client: Client },
  deps: RefreshDeps,
): Promise<RefreshOutcome> {
  const secrets = await deps.keys.secrets();
  const token = readRefreshToken(secrets, presented.token);
  if (token === undefined) return { status: 'UNAUTHORISED' };
  const given = { ...presented, from: token };
  const outcome = await refreshAs(secrets, given, deps);
  if (outcome !== 'STALE') return outcome;
  // All other sessions of the user were ended just now, and this one kept: once more, with the user as it is.
  const again = await refreshAs(secrets, given, deps);
  return again === 'STALE' ? { status: 'UNAUTHORISED' } : again;
}

interface Given {
  readonly token: string;
  readonly from: RefreshToken;
  readonly client: Client;
}

async function refreshAs(secrets: Secrets, given: Given, deps: RefreshDeps): Promise<RefreshOutcome | 'STALE'> {
  const { userId, handle } = given.from;
  const tenantId = handle.split('_')[1] ?? 'public';
  const [user, tenant] = await Promise.all([deps.users.load(userId), deps.tenants.get(tenantId)]);
  if (user === undefined) return { status: 'UNAUTHORISED' };
  if (tenant === undefined || user.status !== 'active' || !user.tenantIds.includes(tenantId)) {
    await deps.sessions.revoke(userId, handle, deps.clock.now(), 'shut-out');
    return { status: 'UNAUTHORISED' };
  }
  const moved = await move(secrets, { ...given, user, tenant }, deps);
  if (moved === 'STALE') return moved;
  if (typeof moved === 'string') return { status: moved };
  const tokens = await tokensFor({ ...moved, user, tenant, client: given.client }, deps);
  return { status: 'OK', session: moved.session, tokens };
}

interface Moved {
  readonly session: SessionRecord;
  readonly refreshToken: string;
}

/** Rules 1 to 5: which token the caller may go on with, if any. */
async function move(
  secrets: Secrets,
  given: Given & { readonly user: User; readonly tenant: Tenant },
  deps: RefreshDeps,
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
  if (step.moved) return { session, refreshToken: child };
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
  deps: RefreshDeps,
): Promise<Moved | 'UNAUTHORISED' | 'THEFT'> {
  const { from, hash, session, fingerprint, now } = given;
  const short = given.tenant.strictRefresh || session.boundary;
  const grace = deps.config.REFRESH_GRACE_SECONDS * 1000;
  const within = now <= session.rotatedAt + (short ? Math.min(SHORT_GRACE_MS, grace) : grace);

  if (within && session.fingerprint === fingerprint) {
    return { session, refreshToken: successor(secrets, from, hash, session.branch) };
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
    return { session: { ...session, branch: session.branch + 1 }, refreshToken: child };
  }
  // Another call was first: the same rules for what it made of the session. Its child is for clients like it alone.
  const seen = await deps.sessions.get(session.userId, session.handle);
  if (seen === undefined || !isLive(seen, now) || seen.parentTokenHash !== hash) return 'UNAUTHORISED';
  return replay(secrets, { ...given, session: seen }, deps);
}

async function tokensFor(
  about: Moved & { readonly user: User; readonly tenant: Tenant; readonly client: Client },
  deps: RefreshDeps,
): Promise<IssuedTokens> {
  const { session, user, tenant } = about;
  const facts = await factsOf(
    {
      user,
      tenant,
      firstFactor: session.firstFactor,
      completed: session.completed,
      client: about.client,
      device: session.device,
    },
    deps,
  );
  const { tokens, evaluation } = await issueTokens(
    {
      user,
      tenant,
      facts,
      handle: session.handle,
      recipeUserId: session.recipeUserId,
      refresh: {
        token: about.refreshToken,
        expiresAt: Math.min(session.idleExpiresAt, session.absoluteExpiresAt),
      },
      until: session.absoluteExpiresAt,
      device: session.device,
    },
    deps,
  );
  await noteAnswer({ session, tenant, facts, evaluation, occasion: 'refresh' }, deps);
  return tokens;
}
