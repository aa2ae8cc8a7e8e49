import type { Tenant } from '../account/tenant.ts';
import type { RememberedDevice } from '../trusted-devices/device.ts';
import { shownOn } from '../trusted-devices/remember.ts';
import { type Arrival, VERIFY } from './entering.ts';
import { type Standing, standingOf } from './standing.ts';
import { wayIn, type WayIn, type WayInDeps } from './way-in.ts';

/** The next sign-in on the same device, which was remembered. */
export type NextTime = Pick<Standing, 'challenged' | 'lockedOut' | 'steps' | 'messages'>;

const ID = 'remembered';

/**
 * What the sign-in after this one is asked, on the same device and at once, where its owner has asked for the device to be
 * remembered as far as the tenant offers that.
 *
 * @returns undefined where no device is remembered, or nobody got in.
 */
export async function nextTime(
  arrival: Arrival,
  { steps, end }: WayIn,
  deps: WayInDeps,
): Promise<NextTime | undefined> {
  const { tenant, begun, now } = arrival;
  if (tenant.devices === undefined || end === undefined) return undefined;
  const shown = shownOn(tenant, { firstFactor: begun.factor, completed: end.completed });
  // A device is trusted with the last factor that is owed, and nobody asks for that with a code on paper.
  const last = steps.findLast(({ factor }) => factor !== VERIFY)?.factor;
  const trusted = last === 'backup-code' ? {} : shown;
  const record = deviceOf(tenant, { epoch: end.user.epoch, trusted, now });
  const user = { ...end.user, devices: [record] };
  const { needsReset: _, ...beginning } = begun;
  const way = await wayIn({ ...arrival, begun: beginning, user, device: { id: ID, isNew: false } }, deps);
  if (way === undefined) return undefined;
  const { challenged, lockedOut, steps: again, messages } = standingOf(way, end.user.userId);
  return { challenged, lockedOut, steps: again, messages };
}

const deviceOf = (
  { tenantId }: Tenant,
  { now, ...own }: Pick<RememberedDevice, 'epoch' | 'trusted'> & { readonly now: number },
): RememberedDevice => ({
  id: ID,
  tenantId,
  tokenHash: '',
  createdAt: now,
  rotatedAt: now,
  expiresAt: Infinity,
  fingerprint: '',
  userAgent: '',
  ...own,
});
