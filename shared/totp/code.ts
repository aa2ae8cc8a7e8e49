import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { Secrets } from '../keys/secrets.ts';
import type { TotpDevice } from './device.ts';

/** As long as the MAC's output. @see RFC 4226 §4 R6 */
const SEED_BYTES = 20;
const DIGITS = 6;
/** Steps before and after the present one that are taken as well. @see RFC 6238 §5.2 */
export const SKEW = 1;

export const newSeed = (): Buffer => randomBytes(SEED_BYTES);

/** What every authenticator app understands: SHA-1 and six digits. */
const totpOf = (seed: Uint8Array, period: number, issuer = '', label = issuer) =>
  new TOTP({
    issuer,
    label,
    issuerInLabel: label !== issuer,
    secret: new Secret({ buffer: new Uint8Array(seed).buffer }),
    algorithm: 'SHA1',
    digits: DIGITS,
    period,
  });

/** What the app is told: the seed for typing in, and the same as an address for its camera. */
export function enrolmentOf(seed: Uint8Array, about: { period: number; issuer: string; account: string | undefined }) {
  const totp = totpOf(seed, about.period, about.issuer, about.account);
  return { secret: totp.secret.base32, qrCodeString: totp.toString() };
}

/**
 * The time step whose code this is, now or one step off.
 *
 * @returns undefined for a code that is of none of them.
 */
export function stepOf(seed: Uint8Array, code: string, now: number, period: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const delta = totpOf(seed, period).validate({ token: code, timestamp: now, window: SKEW });
  return delta === null ? undefined : TOTP.counter({ period, timestamp: now }) + delta;
}

/** Base 32 of RFC 4648, as apps show and take a seed. */
export const seedFromBase32 = (text: string): Uint8Array => Secret.fromBase32(text).bytes;
export const seedToBase32 = (seed: Uint8Array): string => new Secret({ buffer: new Uint8Array(seed).buffer }).base32;

/** Bound to its owner and its device: copied to another, it opens no more. */
export const sealSeed = (secrets: Secrets, seed: Uint8Array, userId: string, name: string) => ({
  sealedSeed: secrets.seal('totp-seed', seed, userId, name),
  kid: secrets.kid,
});

/** One sealed under another root secret matches nothing. */
export function stepOfDevice(
  secrets: Secrets,
  userId: string,
  device: TotpDevice,
  code: string,
  now: number,
): number | undefined {
  if (device.kid !== secrets.kid) return undefined;
  const seed = secrets.open('totp-seed', device.sealedSeed, userId, device.name);
  const step = stepOf(seed, code, now, device.period);
  return step === undefined || step <= device.lastStep ? undefined : step;
}
