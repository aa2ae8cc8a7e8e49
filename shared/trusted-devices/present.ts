import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import { DEVICE_GRACE_MS, KNOWN_DEVICE_MS } from '../limits.ts';
import { type NoticeDeps, notify } from '../notices/notify.ts';
import type { DeviceStore } from '../ports.ts';
import { fingerprintOf } from '../session/fingerprint.ts';
import type { Client } from '../session/client.ts';
import {
  type DeviceHandout,
  type DeviceRotation,
  isAlive,
  type RememberedDevice,
  type SessionDevice,
} from './device.ts';
import { deviceTokenHash, nextDeviceToken, readDeviceToken } from './device-token.ts';

export type PresentDeps = NoticeDeps & { readonly devices: Pick<DeviceStore, 'forget'> };

/** A device that was recognised, and the value that replaces the one it showed. */
export interface Presented {
  readonly carried: SessionDevice;
  readonly handout: DeviceHandout;
  /** To be written with the session, and the session only with it. Absent: a moment ago another sign-in did. */
  readonly rotate?: DeviceRotation;
}

/**
 * Recognises the device a sign-in comes from, once the first factor is right.
 *
 * Showing the value replaces it: the session is stored only together with that conditional write. Of parallel sign-ins
 * with one value one replaces it; the others, and whoever lost the reply, get the same successor for 30 seconds, on the
 * same kind of client. A value that was replaced before that is in two hands: its record is deleted, the device is
 * new, and the owner is told.
 *
 * The records came with the user, and the write goes with the session: being recognised costs no request.
 */
export async function presentDevice(
  about: { readonly user: User; readonly tenant: Tenant; readonly client: Client; readonly now: number },
  deps: PresentDeps,
): Promise<Presented | undefined> {
  const { user, tenant, client, now } = about;
  if (tenant.devices === undefined || client.devices === undefined) return undefined;
  const secrets = await deps.keys.secrets();
  const owner = { tenantId: tenant.tenantId, userId: user.userId };
  const shown = firstOf(client.devices, (token) => readDeviceToken(secrets, owner, token));
  const record = user.devices?.find((device) => device.id === shown?.id);
  if (shown === undefined || record === undefined) return undefined;
  if (!isAlive(record, { user, tenantId: tenant.tenantId, now })) return undefined;

  const { id } = shown;
  const from = deviceTokenHash(shown.token);
  const next = nextDeviceToken(secrets, owner, id, from);
  const fingerprint = fingerprintOf(secrets, tenant.tenantId, client);
  const expiresAt = now + KNOWN_DEVICE_MS;
  const presented = { carried: { id, isNew: false }, handout: { token: next, expiresAt } };
  if (record.tokenHash === from) {
    return { ...presented, rotate: { id, from, to: deviceTokenHash(next), now, fingerprint, expiresAt } };
  }
  if (isRepeat(record, { from, fingerprint, now })) return presented;
  await reportTheft({ ...about, id }, deps);
  return undefined;
}

/** Of sign-ins that show a stolen value at the same time one deletes the record, and that one tells. */
async function reportTheft(
  { user, tenant, client, now, id }: Parameters<typeof presentDevice>[0] & { readonly id: string },
  deps: PresentDeps,
): Promise<void> {
  const owner = { tenantId: tenant.tenantId, userId: user.userId };
  const event = 'device.theft';
  if (!(await deps.devices.forget(owner.userId, id, owner.tenantId, { ...owner, at: now, event }))) return;
  deps.log.error(event, owner);
  await notify({ user, tenant, event, now, client }, deps);
}

/** The user with a device as another sign-in left it; undefined where it is gone. */
export const withDevice = (user: User, id: string, met: RememberedDevice | undefined): User => ({
  ...user,
  devices: (user.devices ?? []).flatMap((device) => (device.id !== id ? [device] : met === undefined ? [] : [met])),
});

/** The first that is this user's own: anybody may have planted others beside it. */
function firstOf(
  tokens: readonly string[],
  idOf: (token: string) => string | undefined,
): { readonly id: string; readonly token: string } | undefined {
  for (const token of tokens) {
    const id = idOf(token);
    if (id !== undefined) return { id, token };
  }
  return undefined;
}

/** The value was replaced a moment ago, by a sign-in like this one. */
const isRepeat = (
  record: RememberedDevice,
  { from, fingerprint, now }: Pick<DeviceRotation, 'from' | 'fingerprint' | 'now'>,
): boolean =>
  record.parentHash === from && record.fingerprint === fingerprint && now <= record.rotatedAt + DEVICE_GRACE_MS;
