import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import { networkOf } from '../client-address.ts';
import type { FactorId } from '../mfa/factor.ts';
import { type NoticeDeps, notify } from '../notices/notify.ts';
import type { AuditStore } from '../ports.ts';
import type { Client } from '../session/client.ts';

export type WrongGuessDeps = NoticeDeps & { readonly audit: AuditStore };

/**
 * A wrong code of a second factor, for the log. The last one before a lock is also for the owner: whoever types codes has
 * got past the first factor. One mail a lock, and locks grow longer.
 *
 * @param about.left guesses before the lock, this one spent.
 * @see ASVS 5.0 V6.3.5
 */
export async function reportWrongGuess(
  about: {
    readonly user: User;
    readonly tenant: Tenant;
    readonly client: Client;
    readonly factor: FactorId;
    readonly left: number;
    readonly now: number;
  },
  deps: WrongGuessDeps,
): Promise<void> {
  const { user, tenant, client, factor, left, now } = about;
  const owner = { tenantId: tenant.tenantId, userId: user.userId };
  const where = { factor, network: networkOf(client.ip) };
  deps.log.info('factor.failed', { ...owner, ...where });
  if (left > 0) return;
  const event = 'factor.locked';
  deps.log.error(event, { ...owner, ...where });
  await deps.audit.write({ ...owner, at: now, event, details: where });
  await notify({ user, tenant, event, now, client }, deps);
}
