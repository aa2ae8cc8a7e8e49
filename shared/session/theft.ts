import type { User } from '../account/user.ts';
import type { Config } from '../config.ts';
import { theftNotice } from '../messages.ts';
import type { AuditStore, Clock, Log, Mailer, SessionStore, UserStore } from '../ports.ts';
import type { SessionRecord } from './session.ts';

export interface TheftDeps {
  readonly config: Pick<Config, 'APP_NAME'>;
  readonly clock: Clock;
  readonly users: Pick<UserStore, 'load'>;
  readonly sessions: Pick<SessionStore, 'revoke'>;
  readonly audit: AuditStore;
  readonly mailer: Mailer;
  readonly log: Log;
}

/**
 * A displaced refresh token came back: ends the session, tells the user once, and leaves a record.
 *
 * Ending comes first and decides: of parallel reports one sends the mail. A mail that cannot be sent undoes nothing.
 */
export async function reportTheft(
  theft: { readonly user: User | undefined; readonly session: SessionRecord },
  deps: TheftDeps,
): Promise<void> {
  const { session } = theft;
  const at = deps.clock.now();
  const ended = await deps.sessions.revoke(session.userId, session.handle, at, 'theft');
  if (!ended) return;
  deps.log.error('session.theft', { tenantId: session.tenantId, userId: session.userId });
  await deps.audit.write({ userId: session.userId, tenantId: session.tenantId, at, event: 'session.theft' });
  const user = theft.user ?? (await deps.users.load(session.userId));
  const proven = (user?.loginMethods ?? []).filter((method) => method.email !== undefined && method.verified);
  const addresses = new Set((proven.length > 0 ? proven : (user?.loginMethods ?? [])).map((method) => method.email));
  await Promise.all(
    [...addresses]
      .filter((to) => to !== undefined)
      .map((to) => deps.mailer.send({ to, purpose: 'notice', ...theftNotice({ appName: deps.config.APP_NAME, at }) })),
  );
}
