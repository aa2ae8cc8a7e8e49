import { liveView } from '../session/own-sessions.ts';
import { isLive, type SessionRecord } from '../session/session.ts';
import type { User } from '../account/user.ts';
import type { SessionStore } from '../ports.ts';
import { mustLoad, record, type UserAdminDeps } from './users.ts';

type Deps = UserAdminDeps & { readonly sessions: Pick<SessionStore, 'list' | 'revoke'> };

/** The user's live sessions, newest first; no tokens, no hashes. @throws 404 for an unknown user. */
export async function userSessions(userId: string, deps: Deps) {
  const live = await liveOf(await mustLoad(userId, deps), deps);
  return { status: 'OK' as const, sessions: live.map(liveView) };
}

/**
 * Ends every session the user has now: none is refreshed any more, and an access token lives on to its end. The user may
 * sign in again; whoever may not is disabled.
 *
 * @throws 404 for an unknown user.
 */
export async function endSessions(userId: string, deps: Deps) {
  const user = await mustLoad(userId, deps);
  const live = await liveOf(user, deps);
  const now = deps.clock.now();
  const done = await Promise.all(live.map(({ handle }) => deps.sessions.revoke(userId, handle, now, 'admin')));
  const ended = done.filter(Boolean).length;
  if (ended > 0) await record(userId, user, 'admin.sessions-ended', { ended }, deps);
  return { status: 'OK' as const, ended };
}

async function liveOf({ userId, epoch }: User, { sessions, clock }: Deps): Promise<readonly SessionRecord[]> {
  const all = await sessions.list(userId);
  return all
    .filter((one) => isLive(one, clock.now()) && one.epoch === epoch)
    .toSorted((a, b) => b.createdAt - a.createdAt);
}
