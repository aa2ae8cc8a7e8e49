import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import type { Secrets } from '../keys/secrets.ts';
import type { Device } from './device.ts';

/** @returns `digits` decimal digits, uniformly, leading zeros included. */
export const newCode = (digits: 6 | 8): string =>
  randomInt(0, 10 ** digits)
    .toString()
    .padStart(digits, '0');

/** `deviceId` is for the requesting client alone; its hash names the device to everybody. @see wire.md §6.6 */
export function newDeviceId(): { readonly deviceId: string; readonly preAuthSessionId: string } {
  const bytes = randomBytes(32);
  return {
    deviceId: bytes.toString('base64'),
    preAuthSessionId: createHash('sha256').update(bytes).digest('base64url'),
  };
}

/** Whether a device id is the one behind a public name. Garbage is not. */
export const belongsTo = (deviceId: string, preAuthSessionId: string): boolean =>
  createHash('sha256').update(Buffer.from(deviceId, 'base64')).digest('base64url') === preAuthSessionId;

type Bound = Pick<
  Device,
  'tenantId' | 'purpose' | 'preAuthSessionId' | 'userId' | 'sessionHandle' | 'factorId' | 'contact'
>;

/** A fresh code and what is stored of it: a salted MAC over the code and everything it is bound to. */
export function sealCode(secrets: Secrets, bound: Bound, digits: 6 | 8) {
  const code = newCode(digits);
  const salt = randomBytes(16).toString('base64url');
  return { code, salt, kid: secrets.kid, codeMac: macOf('otp', secrets, bound, salt, code) };
}

/** The secret of a link: 256 bits, so that nobody needs to count guesses. Bound as a code is. */
export function sealLink(secrets: Secrets, bound: Bound, salt: string) {
  const linkCode = randomBytes(32).toString('base64url');
  return { linkCode, linkMac: macOf('otp-link', secrets, bound, salt, linkCode) };
}

const macOf = (purpose: 'otp' | 'otp-link', secrets: Secrets, bound: Bound, salt: string, secret: string): string =>
  secrets
    .mac(
      purpose,
      bound.tenantId,
      bound.purpose,
      bound.factorId,
      bound.preAuthSessionId,
      bound.userId,
      bound.sessionHandle,
      bound.contact,
      salt,
      secret,
    )
    .toString('base64url');

/** In constant time. A code sealed under another root secret never matches. */
export const isCode = (secrets: Secrets, device: Device, guess: string): boolean =>
  device.kid === secrets.kid &&
  timingSafeEqual(Buffer.from(device.codeMac), Buffer.from(macOf('otp', secrets, device, device.salt, guess)));

/** In constant time. A device without a link has no secret that matches. */
export const isLink = (secrets: Secrets, device: Device, guess: string): boolean =>
  device.linkMac !== undefined &&
  device.kid === secrets.kid &&
  timingSafeEqual(Buffer.from(device.linkMac), Buffer.from(macOf('otp-link', secrets, device, device.salt, guess)));
