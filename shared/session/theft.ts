import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import { type NoticeDeps, notify } from '../notices/notify.ts';
import type { AuditStore, Clock, SessionStore, UserStore } from '../ports.ts';
import type { SessionRecord } from './session.ts';

export interface TheftDeps extends NoticeDeps {
  readonly clock: Clock;
  readonly users: Pick<UserStore, 'load'>;
  readonly sessions: Pick<SessionStore, 'revoke'>;
  readonly audit: AuditStore;
}

/**
 * A displaced refresh token came back: ends the session, tells the user once, and leaves a record.
 *
 * Ending comes first and decides: of parallel reports one sends the mail. A mail that cannot be sent undoes nothing.
 */
export async function reportTheft(
  theft: { readonly user: User | undefined; readonly tenant: Tenant; readonly session: SessionRecord },
  deps: TheftDeps,
): Promise<void> {
  const { session } = theft;
  const at = deps.clock.now();
  const ended = await deps.sessions.revoke(session.userId, session.handle, at, 'theft');
  if (!ended) return;
  deps.log.error('session.theft', { tenantId: session.tenantId, userId: session.userId });
  await deps.audit.write({ userId: session.userId, tenantId: session.tenantId, at, event: 'session.theft' });
  const user = theft.user ?? (await deps.users.load(session.userId));
  if (user !== undefined) await notify({ user, tenant: theft.tenant, event: 'session.theft', now: at }, deps);
}
