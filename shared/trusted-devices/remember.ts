import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import type { Secrets } from '../keys/secrets.ts';
import { KNOWN_DEVICE_MS } from '../limits.ts';
import type { FactorId } from '../mfa/factor.ts';
import type { Completed } from '../mfa/requirements.ts';
import { fingerprintOf } from '../session/fingerprint.ts';
import type { Client } from '../session/client.ts';
import {
  type DeviceChange,
  type DeviceHandout,
  isAlive,
  type RememberedDevice,
  type SessionDevice,
  trustOf,
} from './device.ts';
import { deviceTokenHash, firstDeviceToken } from './device-token.ts';

/** A device to be remembered: what to write with the session, what the session says then, what the client gets. */
export interface Remembering {
  readonly change: DeviceChange;
  readonly carried: SessionDevice;
  readonly handout: DeviceHandout;
}

/**
 * Plans what a sign-in that owes nothing any more leaves behind: a new device becomes known, and a device whose owner
 * asks for it becomes trusted for the second factors this session has shown.
 *
 * Trust is a new record and a new value, never more rights for an old one. Nothing is planned for a device that is
 * known already and is not to be trusted, nor where the tenant remembers none.
 *
 * @param about.device what the session is on so far.
 */
export function rememberDevice(
  about: {
    readonly user: User;
    readonly tenant: Tenant;
    readonly client: Client;
    readonly firstFactor: FactorId;
    readonly completed: Completed;
    readonly device: SessionDevice | undefined;
    readonly now: number;
  },
  secrets: Secrets,
): Remembering | undefined {
  const { user, tenant, client, firstFactor, completed, device, now } = about;
  const tracking = tenant.devices;
  if (tracking === undefined) return undefined;
  const { tenantId } = tenant;
  const scope = { user, tenantId, now };
  const known = user.devices?.find((one) => one.id === device?.id && isAlive(one, scope));
  const shown = shownOn(tenant, { firstFactor, completed });
  const isTrusted = client.rememberDevice === true && Object.keys(shown).length > 0;
  if (known !== undefined && !isTrusted) return undefined;

  const { id, token } = firstDeviceToken(secrets, { tenantId, userId: user.userId });
  const before = known === undefined ? {} : trustOf(known, { days: tracking.days, now });
  const expiresAt = now + KNOWN_DEVICE_MS;
  return {
    change: {
      put: {
        id,
        tenantId,
        tokenHash: deviceTokenHash(token),
        epoch: user.epoch,
        createdAt: now,
        rotatedAt: now,
        expiresAt,
        fingerprint: fingerprintOf(secrets, tenantId, client),
        userAgent: client.userAgent.slice(0, 256),
        trusted: isTrusted ? { ...before, ...shown } : {},
      },
      drop: [...(known === undefined ? [] : [known.id]), ...beyond(tracking.max - 1, user, { now, except: known })],
    },
    carried: { id, isNew: device?.isNew ?? true },
    handout: { token, expiresAt },
  };
}

/** What a device may be trusted for of what a session has shown: nothing where the tenant trusts none. */
export function shownOn(
  { devices }: Pick<Tenant, 'devices'>,
  { firstFactor, completed }: { readonly firstFactor: FactorId; readonly completed: Completed },
): Completed {
  if (devices?.days === undefined) return {};
  // A backup code is for the day the other factor is out of reach: it earns no trust.
  const { [firstFactor]: _, 'backup-code': __, ...shown } = completed;
  return shown;
}

/** Those that must make room: dead ones first, then those that were not used for longest. */
function beyond(
  room: number,
  user: User,
  { now, except }: { readonly now: number; readonly except: RememberedDevice | undefined },
): readonly string[] {
  const isDead = ({ epoch, expiresAt }: RememberedDevice) => epoch !== user.epoch || expiresAt <= now;
  return (user.devices ?? [])
    .filter((device) => device !== except)
    .toSorted((a, b) => Number(isDead(a)) - Number(isDead(b)) || b.rotatedAt - a.rotatedAt)
    .slice(room)
    .map(({ id }) => id);
}
