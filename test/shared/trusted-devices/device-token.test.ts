import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveSecrets } from '../../../shared/keys/secrets.ts';
import {
  deviceTokenHash,
  firstDeviceToken,
  nextDeviceToken,
  readDeviceToken,
} from '../../../shared/trusted-devices/device-token.ts';

const secrets = deriveSecrets('r1', Buffer.alloc(32, 7));
const owner = { tenantId: 'acme', userId: 'u1' };

describe('the value of a remembered device', () => {
  const { id, token } = firstDeviceToken(secrets, owner);

  it('is read back as its record’s id, and so is its successor', () => {
    expect(readDeviceToken(secrets, owner, token)).toBe(id);
    expect(readDeviceToken(secrets, owner, nextDeviceToken(secrets, owner, id, deviceTokenHash(token)))).toBe(id);
  });

  it('holds a secret of 256 bits, new each time', () => {
    expect(Buffer.from(token.split('.')[3]!, 'base64url')).toHaveLength(32);
    expect(new Set(Array.from({ length: 50 }, () => firstDeviceToken(secrets, owner).token)).size).toBe(50);
  });

  it.each([
    ['another user', secrets, { ...owner, userId: 'u2' }],
    ['another tenant', secrets, { ...owner, tenantId: 'beta' }],
    ['another root secret', deriveSecrets('r2', Buffer.alloc(32, 8)), owner],
    ['another root secret of that name', deriveSecrets('r1', Buffer.alloc(32, 8)), owner],
  ])('is nothing to %s', (_, reader, whose) => {
    expect(readDeviceToken(reader, whose, token)).toBeUndefined();
  });

  it('has one successor, and another for every parent', () => {
    const next = (parent: string) => nextDeviceToken(secrets, owner, id, deviceTokenHash(parent));
    expect(next(token)).toBe(next(token));
    expect(new Set([token, next(token), next(next(token))]).size).toBe(3);
  });

  it('is refused with any one character changed', () => {
    fc.assert(
      fc.property(
        fc.nat(token.length - 1),
        fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '-', '_', '.'),
        (at, character) => {
          const changed = token.slice(0, at) + character + token.slice(at + 1);
          expect(readDeviceToken(secrets, owner, changed)).toBe(changed === token ? id : undefined);
        },
      ),
    );
  });

  it('is not to be confused with garbage of any kind', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `d1.r1.${text}`),
        ),
        (text) => {
          expect(readDeviceToken(secrets, owner, text)).toBeUndefined();
        },
      ),
    );
  });
});
