import { maskContact } from '../account/contact.ts';
import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import { type NoticeDeps, notify } from '../notices/notify.ts';
import type { AuditStore } from '../ports.ts';
import type { Client } from '../session/issue.ts';
import type { Device } from './device.ts';

export type ReportDeps = NoticeDeps & { readonly audit: AuditStore };

/** One audit event for each thing that changed, and one notice for all of it to who was there before. */
export async function reportCompletion(
  completed: {
    /** As before the change. */
    readonly user: User;
    readonly tenant: Tenant;
    readonly client: Client;
    readonly device: Device;
    readonly now: number;
  },
  changed: { readonly linked: boolean; readonly optIn: boolean },
  deps: ReportDeps,
): Promise<void> {
  const { user, tenant, client, device, now } = completed;
  const { factorId } = device;
  const contact = maskContact(factorId === 'otp-email' ? 'email' : 'phone', device.contact);
  const events = [
    ...(changed.linked
      ? [{ event: 'login-method.linked', details: { recipeId: 'passwordless', contact } } as const]
      : []),
    ...(changed.optIn ? [{ event: 'factor.enabled', details: { factorId } } as const] : []),
  ];
  const [first] = events;
  if (first === undefined) return;
  const about = { userId: user.userId, tenantId: tenant.tenantId, at: now };
  await Promise.all(events.map((each) => deps.audit.write({ ...about, ...each })));
  await notify({ user, tenant, event: first.event, now, client, except: device.contact }, deps);
}
