import type { User } from '../account/user.ts';
import { type NoticeDeps, type NoticeEvent, notify } from '../notices/notify.ts';
import type { Clock, TenantStore } from '../ports.ts';

export type TellDeps = NoticeDeps & { readonly tenants: TenantStore; readonly clock: Clock };

/** What an operator does to a user's factors is told as what the user does. It is done even where their tenant is not usable. */
export async function tell(user: User, event: NoticeEvent, deps: TellDeps): Promise<void> {
  const tenantId = tenantOf(user);
  const tenant = await deps.tenants.get(tenantId).catch(() => undefined);
  if (tenant !== undefined) return notify({ user, tenant, event, now: deps.clock.now() }, deps);
  deps.log.error('notice.failed', { event, error: 'TenantUnusable', userId: user.userId, tenantId });
}

export const tenantOf = (user: User): string => user.tenantIds[0] ?? 'public';
