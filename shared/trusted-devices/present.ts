import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import type { Secrets } from '../keys/secrets.ts';
import { DEVICE_GRACE_MS, KNOWN_DEVICE_MS } from '../limits.ts';
import type { DeviceStore, Keyring, Log } from '../ports.ts';
import { fingerprintOf } from '../session/fingerprint.ts';
import type { Client } from '../session/issue.ts';
import { type DeviceHandout, isAlive, type SessionDevice } from './device.ts';
import { deviceTokenHash, nextDeviceToken, readDeviceToken } from './device-token.ts';

export interface PresentDeps {
  readonly keys: Pick<Keyring, 'secrets'>;
  readonly devices: DeviceStore;
  readonly log: Log;
}

/** A device that was recognised, and the value that replaces the one it showed. */
export interface Presented {
  readonly carried: SessionDevice;
  readonly handout: DeviceHandout;
}

/**
 * Recognises the device a sign-in comes from, once the first factor is right.
 *
 * Claim first: the conditional write that replaces the value decides whether it counted. Of parallel sign-ins with one
 * value one replaces it; the others, and whoever lost the reply, get the same successor for 30 seconds, on the same
 * kind of client. A value that was replaced before that is in two hands: the record is deleted, and the device is new.
 *
 * A sign-in that shows nothing of this user's own costs no request.
 */
export async function presentDevice(
  about: { readonly user: User; readonly tenant: Tenant; readonly client: Client; readonly now: number },
  { keys, devices, log }: PresentDeps,
): Promise<Presented | undefined> {
  const { user, tenant, client, now } = about;
  if (tenant.devices === undefined || client.devices === undefined) return undefined;
  const secrets = await keys.secrets();
  const owner = { tenantId: tenant.tenantId, userId: user.userId };
  const shown = firstOf(client.devices, (token) => readDeviceToken(secrets, owner, token));
  if (shown === undefined) return undefined;
  const { id } = shown;
  const scope = { user, tenantId: tenant.tenantId, now };
  const loaded = user.devices?.find((device) => device.id === id);
  if (loaded === undefined || !isAlive(loaded, scope)) return undefined;

  const move = moveOf(secrets, { ...about, ...shown });
  const step = await devices.rotate(move.step);
  if (step === undefined) return undefined;
  if (step.moved || isRepeat(step.device, move.step)) return move.presented;
  if (!isAlive(step.device, scope)) return undefined;
  await devices.forget(owner.userId, id, owner.tenantId);
  log.error('device.theft', owner);
  return undefined;
}

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

type Rotation = Parameters<DeviceStore['rotate']>[0];

function moveOf(
  secrets: Secrets,
  about: {
    readonly user: User;
    readonly tenant: Tenant;
    readonly client: Client;
    readonly now: number;
    readonly id: string;
    readonly token: string;
  },
): { readonly step: Rotation; readonly presented: Presented } {
  const { user, tenant, client, now, id } = about;
  const owner = { tenantId: tenant.tenantId, userId: user.userId };
  const from = deviceTokenHash(about.token);
  const next = nextDeviceToken(secrets, owner, id, from);
  const expiresAt = now + KNOWN_DEVICE_MS;
  return {
    step: {
      ...owner,
      id,
      epoch: user.epoch,
      from,
      to: deviceTokenHash(next),
      now,
      fingerprint: fingerprintOf(secrets, tenant.tenantId, client),
      expiresAt,
    },
    presented: { carried: { id, isNew: false }, handout: { token: next, expiresAt } },
  };
}

/** The value was replaced a moment ago, by a sign-in like this one. */
const isRepeat = (
  seen: { readonly parentHash?: string; readonly rotatedAt: number; readonly fingerprint: string; epoch: number },
  step: Rotation,
): boolean =>
  seen.parentHash === step.from &&
  seen.epoch === step.epoch &&
  seen.fingerprint === step.fingerprint &&
  step.now <= seen.rotatedAt + DEVICE_GRACE_MS;
