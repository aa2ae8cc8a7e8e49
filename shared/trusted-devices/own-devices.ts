import type { Tenant } from '../account/tenant.ts';
import type { DeviceStore } from '../ports.ts';
import { notFound } from '../protocol-error.ts';
import { type ContextDeps, sessionContext } from '../session/context.ts';
import type { Client } from '../session/client.ts';
import type { Session } from '../session/session.ts';
import { isAlive, trustedUntil, trustOf } from './device.ts';

/** The user's remembered devices in this tenant, last used first; no values, no hashes. */
export async function listDevices(
  input: { readonly session: Session; readonly tenant: Tenant; readonly client: Client },
  deps: ContextDeps,
) {
  const { session, tenant } = input;
  const { user } = await sessionContext(input, deps);
  const now = deps.clock.now();
  const days = tenant.devices?.days;
  return {
    status: 'OK' as const,
    devices: (user.devices ?? [])
      .filter((device) => isAlive(device, { user, tenantId: tenant.tenantId, now }))
      .toSorted((a, b) => b.rotatedAt - a.rotatedAt)
      .map((device) => {
        const trusted = Object.entries(trustOf(device, { days, now })).map(([factorId, at]) => ({
          factorId,
          until: trustedUntil(at, days ?? 0),
        }));
        return {
          id: device.id,
          kind: trusted.length > 0 ? ('trusted' as const) : ('known' as const),
          current: device.id === session.payload['st-device']?.id,
          createdAt: device.createdAt,
          lastUsedAt: device.rotatedAt,
          expiresAt: device.expiresAt,
          userAgent: device.userAgent,
          /** What is not asked again on it, and until when. */
          trusted,
        };
      }),
  };
}

/**
 * Forgets a device of the caller's own: the key is built from the caller's id, so no other can be named.
 *
 * It is asked for everything at its next sign-in. A session on it that owes its entry to trust owes the factor again
 * from its next refresh on.
 *
 * @throws 404 for one that is not there.
 */
export async function forgetDevice(
  { session, id }: { readonly session: Session; readonly id: string },
  { devices }: { readonly devices: Pick<DeviceStore, 'forget'> },
): Promise<{ readonly status: 'OK' }> {
  if (!(await devices.forget(session.userId, id, session.tenantId))) throw notFound('unknown device');
  return { status: 'OK' };
}
