/**
 * Codes are those of RFC 6238, and a seed opens for its owner and its device alone.
 */
import * as fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { deriveSecrets } from '../../../shared/keys/secrets.ts';
import { enrolmentOf, newSeed, sealSeed, stepOf, stepOfDevice } from '../../../shared/totp/code.ts';
import type { TotpDevice } from '../../../shared/totp/device.ts';
import { codeAt } from '../../support/totp.ts';

const RFC_SEED = Buffer.from('12345678901234567890');
const secrets = deriveSecrets('r1', randomBytes(32));
/** Node's own words for a tag that does not fit, and for one that is too short. */
const REFUSED = /unable to authenticate data|Invalid (authentication tag|initialization vector)/;
const device = (seed: Uint8Array, about: Partial<TotpDevice> = {}): TotpDevice => ({
  name: 'phone',
  ...sealSeed(secrets, seed, 'u1', about.name ?? 'phone'),
  period: 30,
  verified: true,
  lastStep: -1,
  createdAt: 0,
  ...about,
});

describe('stepOf', () => {
  // Appendix B has eight digits; six are their end.
  it.each([
    [59, '94287082', 1],
    [1_111_111_109, '07081804', 37_037_036],
    [1_111_111_111, '14050471', 37_037_037],
    [1_234_567_890, '89005924', 41_152_263],
    [2_000_000_000, '69279037', 66_666_666],
    [20_000_000_000, '65353130', 666_666_666],
  ])('knows the code of RFC 6238 at %i', (seconds, code, step) => {
    expect(stepOf(RFC_SEED, code.slice(2), seconds * 1000, 30)).toBe(step);
  });

  it('takes the steps beside the present one, tells which it was, and takes no other', () => {
    const codeOf = (seed: Buffer, ms: number, period: number) =>
      codeAt(enrolmentOf(seed, { period, issuer: 'x', account: undefined }).secret, ms, period);
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 20, maxLength: 20 }),
        fc.integer({ min: 1_000_000, max: 4_000_000_000 }),
        fc.constantFrom(10, 30),
        fc.integer({ min: -4, max: 4 }),
        (bytes, seconds, period, off) => {
          const seed = Buffer.from(bytes);
          const now = seconds * 1000;
          const step = Math.floor(seconds / period) + off;
          const code = codeOf(seed, step * period * 1000, period);
          const near = [-1, 0, 1].map((by) => codeOf(seed, now + by * period * 1000, period));
          const found = stepOf(seed, code, now, period);
          if (Math.abs(off) <= 1) expect(near[found! - Math.floor(seconds / period) + 1]).toBe(code);
          else if (!near.includes(code)) expect(found).toBeUndefined();
        },
      ),
    );
  });

  it.each(['', '12345', '1234567', '28708２', '287 082', ' 287082', '+87082', '1e5000'])(
    'takes no %j for a code',
    (code) => {
      expect(stepOf(RFC_SEED, code, 59_000, 30)).toBeUndefined();
    },
  );
});

describe('a device', () => {
  const code = '287082';
  it('accepts a step once: not the last one again, and none before it', () => {
    expect(stepOfDevice(secrets, 'u1', device(RFC_SEED), code, 59_000)).toBe(1);
    expect(stepOfDevice(secrets, 'u1', device(RFC_SEED, { lastStep: 0 }), code, 59_000)).toBe(1);
    expect(stepOfDevice(secrets, 'u1', device(RFC_SEED, { lastStep: 1 }), code, 59_000)).toBeUndefined();
    expect(stepOfDevice(secrets, 'u1', device(RFC_SEED, { lastStep: 2 }), code, 59_000)).toBeUndefined();
  });

  it('opens for its owner and under its name alone, and not at all when a bit was changed', () => {
    expect(() => stepOfDevice(secrets, 'u2', device(RFC_SEED), code, 59_000)).toThrow(REFUSED);
    expect(() => stepOfDevice(secrets, 'u1', { ...device(RFC_SEED), name: 'other' }, code, 59_000)).toThrow(REFUSED);
    const { sealedSeed } = device(RFC_SEED);
    for (let i = 0; i < sealedSeed.length; i += 7) {
      const bent = sealedSeed.slice(0, i) + (sealedSeed[i] === 'A' ? 'B' : 'A') + sealedSeed.slice(i + 1);
      expect(() => stepOfDevice(secrets, 'u1', device(RFC_SEED, { sealedSeed: bent }), code, 59_000)).toThrow(REFUSED);
    }
    expect(() => stepOfDevice(secrets, 'u1', device(RFC_SEED, { sealedSeed: 'AAAA' }), code, 59_000)).toThrow(REFUSED);
  });

  it('matches nothing under another root secret', () => {
    const other = deriveSecrets('r2', randomBytes(32));
    expect(stepOfDevice(other, 'u1', device(RFC_SEED), code, 59_000)).toBeUndefined();
  });

  it('is sealed differently each time, and its seed is not to be seen in it', () => {
    const seed = newSeed();
    const [one, two] = [device(seed), device(seed)];
    expect(one.sealedSeed).not.toBe(two.sealedSeed);
    expect(Buffer.from(one.sealedSeed, 'base64url').includes(seed)).toBe(false);
  });
});

describe('enrolmentOf', () => {
  it('says what an app needs to know, whatever the names hold', () => {
    const { secret, qrCodeString } = enrolmentOf(RFC_SEED, { period: 30, issuer: 'Acme: & co', account: 'a+b@x.com' });
    expect(secret).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
    const url = new URL(qrCodeString);
    expect([url.protocol, url.host, decodeURIComponent(url.pathname)]).toEqual([
      'otpauth:',
      'totp',
      '/Acme: & co:a+b@x.com',
    ]);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      secret,
      issuer: 'Acme: & co',
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
  });

  it('names the issuer alone where the user has neither mail nor phone', () => {
    const { qrCodeString } = enrolmentOf(RFC_SEED, { period: 30, issuer: 'Acme', account: undefined });
    expect(new URL(qrCodeString).pathname).toBe('/Acme');
  });
});
