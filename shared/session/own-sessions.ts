import type { Clock, SessionStore } from '../ports.ts';
import { notFound } from '../protocol-error.ts';
import { isLive, type Session, type SessionRecord } from './session.ts';

export interface OwnSessionsDeps {
  readonly clock: Clock;
  readonly sessions: SessionStore;
}

/** A session as its owner, and an operator, may see it. Times in epoch milliseconds. */
export const liveView = (one: SessionRecord) => ({
  sessionHandle: one.handle,
  tenantId: one.tenantId,
  createdAt: one.createdAt,
  lastUsedAt: one.rotatedAt,
  expiresAt: Math.min(one.idleExpiresAt, one.absoluteExpiresAt),
  userAgent: one.userAgent ?? '',
  completed: one.completed,
});

/** The user's live sessions, newest first; no tokens, no hashes. */
export async function listSessions(session: Session, { sessions, clock }: OwnSessionsDeps) {
  const all = await sessions.list(session.userId);
  return {
    status: 'OK' as const,
    sessions: all
      .filter((one) => isLive(one, clock.now()) && one.epoch === session.payload.epoch)
      .toSorted((a, b) => b.createdAt - a.createdAt)
      .map((one) => ({ ...liveView(one), current: one.handle === session.handle })),
  };
}

/**
 * Ends a session of the caller's own: the key is built from the caller's id, so no other can be named.
 *
 * Its access token lives on to its end. Ending the present one again is fine.
 *
 * @throws 404 for one that is not there.
 */
export async function endSession(
  { session, handle }: { readonly session: Session; readonly handle: string },
  { sessions, clock }: OwnSessionsDeps,
): Promise<{ readonly status: 'OK' }> {
  const ended = await sessions.revoke(session.userId, handle, clock.now(), 'signed-out');
  if (!ended && handle !== session.handle) throw notFound('unknown session');
  return { status: 'OK' };
}
