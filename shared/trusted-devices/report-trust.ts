import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import { type NoticeDeps, notify } from '../notices/notify.ts';
import type { Client } from '../session/client.ts';
import { type DeviceChange, trusts } from './device.ts';

/**
 * Tells the owner that a device is asked less from now on. The mailbox a code went to hears of it as well: whoever was
 * lured into reading the code out finds it there. The audit event is part of the transaction.
 *
 * @param about.user as before the change.
 */
export async function reportTrust(
  change: DeviceChange | undefined,
  about: { readonly user: User; readonly tenant: Tenant; readonly client: Client; readonly now: number },
  deps: NoticeDeps,
): Promise<void> {
  if (trusts(change)) await notify({ ...about, event: 'device.trusted' }, deps);
}
