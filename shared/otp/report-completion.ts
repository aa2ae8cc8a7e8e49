import { maskContact } from '../account/contact.ts';
import type { Tenant } from '../account/tenant.ts';
import type { LoginMethod, User } from '../account/user.ts';
import { marks } from '../notices/marks.ts';
import { type NoticeDeps, notify } from '../notices/notify.ts';
import type { AuditStore } from '../ports.ts';
import type { Client } from '../session/client.ts';
import type { Device } from './device.ts';

export type ReportDeps = NoticeDeps & { readonly audit: AuditStore };

interface Completed {
  /** As before the change. */
  readonly user: User;
  readonly tenant: Tenant;
  readonly client: Client;
  readonly device: Device;
  readonly now: number;
}

/** `linked`: the new method, if there is one. */
type Changed = { readonly linked: LoginMethod | undefined; readonly optIn: boolean };

/** One audit event for each thing that changes; written by the completing transaction itself. */
export function eventsOf({ user, tenant, device, now }: Omit<Completed, 'client'>, changed: Changed) {
  const { factorId } = device;
  const about = { userId: user.userId, tenantId: tenant.tenantId, at: now };
  const contact = maskContact(factorId === 'otp-email' ? 'email' : 'phone', device.contact);
  return [
    ...(changed.linked !== undefined
      ? [{ ...about, event: 'login-method.linked', details: { recipeId: 'passwordless', contact } } as const]
      : []),
    ...(changed.optIn ? [{ ...about, event: 'factor.enabled', details: { factorId } } as const] : []),
  ];
}

/** One notice for all of it to who was there before. */
export async function reportCompletion(completed: Completed, changed: Changed, deps: NoticeDeps): Promise<void> {
  const { user, tenant, client, device, now } = completed;
  const [first] = eventsOf(completed, changed);
  if (first === undefined) return;
  const told = [
    ...(changed.linked === undefined ? [] : [marks.method(changed.linked)]),
    ...(changed.optIn ? [marks.factor(device.factorId, true, now)] : []),
  ];
  await notify({ user, tenant, event: first.event, now, client, except: device.contact, told }, deps);
}
