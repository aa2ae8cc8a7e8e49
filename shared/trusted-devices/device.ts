import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import { channelOf, type FactorId } from '../mfa/factor.ts';
import type { Completed } from '../mfa/requirements.ts';

/**
 * A browser or app that finished a sign-in before. Known: `session.isNewDevice` is false on it. Trusted as well: the
 * factors in `trusted` are not asked again on it, for as long as the tenant says.
 *
 * Times are epoch milliseconds, hashes SHA-256 in hex. The secret itself is stored nowhere.
 */
export interface RememberedDevice {
  /** Random; no secret. */
  readonly id: string;
  readonly tenantId: string;
  /** Hash of the value that is good now. */
  readonly tokenHash: string;
  /** Hash of the one it replaced. */
  readonly parentHash?: string;
  /** The user's as of when the device was remembered: what ends all sessions ends this. */
  readonly epoch: number;
  readonly createdAt: number;
  readonly rotatedAt: number;
  readonly expiresAt: number;
  /** HMAC of coarse client traits; never the address. */
  readonly fingerprint: string;
  readonly userAgent: string;
  /** Second factors that were shown on it when its owner asked to be remembered, and when: epoch seconds. */
  readonly trusted: Completed;
}

/** The remembered device a session is on, and whether it was new when the session began: that never changes. */
export interface SessionDevice {
  readonly id: string;
  readonly isNew: boolean;
}

/** What a completed sign-in writes beside its session. */
export interface DeviceChange {
  readonly put: RememberedDevice;
  /** Ids of those it replaces. */
  readonly drop: readonly string[];
}

/** Its owner is asked less from now on. */
export const trusts = (change: DeviceChange | undefined): boolean =>
  change !== undefined && Object.keys(change.put.trusted).length > 0;

/** The value a device showed, and the one that takes its place. */
export interface DeviceRotation {
  readonly id: string;
  /** Hashes. */
  readonly from: string;
  readonly to: string;
  readonly now: number;
  readonly fingerprint: string;
  readonly expiresAt: number;
}

/** What the client keeps. */
export interface DeviceHandout {
  readonly token: string;
  readonly expiresAt: number;
}

/** It still means something for this user, in this tenant. */
export const isAlive = (
  device: RememberedDevice,
  { user, tenantId, now }: { readonly user: Pick<User, 'epoch'>; readonly tenantId: string; readonly now: number },
): boolean => device.tenantId === tenantId && device.epoch === user.epoch && device.expiresAt > now;

const DAY_MS = 86_400_000;

/** Until when a factor that was shown then is not asked again. Epoch milliseconds. */
export const trustedUntil = (shownAtSeconds: number, days: number): number => shownAtSeconds * 1000 + days * DAY_MS;

/**
 * Factors that are not asked again on a device, by the tenant's days as they are now: fewer days count at once.
 *
 * @param firstFactor one of its kind is no second proof beside it and is left out.
 */
export const trustOf = (
  device: RememberedDevice,
  about: { readonly days: number | undefined; readonly firstFactor?: FactorId; readonly now: number },
): Completed => {
  const { days, firstFactor, now } = about;
  if (days === undefined) return {};
  return Object.fromEntries(
    Object.entries(device.trusted).filter(
      ([factor, at]) =>
        trustedUntil(at, days) > now && (firstFactor === undefined || channelOf(factor) !== channelOf(firstFactor)),
    ),
  );
};

/** The record decides, not the session: what was forgotten, ran out or was switched off waives nothing any more. */
export function trustIn(
  about: {
    readonly user: User;
    readonly tenant: Tenant;
    readonly firstFactor: FactorId;
    readonly device?: SessionDevice | undefined;
  },
  now: number,
): { readonly trusted?: Completed } {
  const { user, tenant, firstFactor } = about;
  const scope = { user, tenantId: tenant.tenantId, now };
  const record = user.devices?.find(({ id }) => id === about.device?.id);
  if (record === undefined || !isAlive(record, scope)) return {};
  return { trusted: trustOf(record, { days: tenant.devices?.days, firstFactor, now }) };
}
