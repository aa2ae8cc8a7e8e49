import { hashSync } from 'bcryptjs';
import { argon2Sync, scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseForeign, verifyForeign } from '../../../shared/account/foreign-hashes.ts';
import { needsRehash, verifyPassword } from '../../../shared/account/password.ts';

const bare = (bytes: Buffer | Uint8Array) => Buffer.from(bytes).toString('base64').replaceAll('=', '');
const SALT = Buffer.from('0123456789abcdef');

const argon2 = (
  name: 'argon2i' | 'argon2d' | 'argon2id',
  password: string,
  [memory, passes, parallelism]: readonly [number, number, number],
) => {
  const tag = argon2Sync(name, { message: password, nonce: SALT, memory, passes, parallelism, tagLength: 32 });
  return `$${name}$v=19$m=${memory},t=${passes},p=${parallelism}$${bare(SALT)}$${bare(tag)}`;
};
const scrypt = (password: string, [ln, r, p]: readonly [number, number, number]) =>
  `$scrypt$ln=${ln},r=${r},p=${p}$${bare(SALT)}$${bare(
    scryptSync(password, SALT, 64, { N: 2 ** ln, r, p, maxmem: 2 ** 28 }),
  )}`;

/** Google's published sample, with the project's key taken off. */
const FIREBASE = (() => {
  const key = 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==';
  const hash = 'lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==';
  const signer = Buffer.from(key, 'base64');
  const stream = Buffer.from(hash, 'base64').map((byte, i) => byte ^ signer[i]!);
  const salt = Buffer.concat([Buffer.from('42xEC+ixf3L2lw==', 'base64'), Buffer.from('Bw==', 'base64')]);
  return `$firebase-scrypt$ln=14,r=8,p=1$${bare(salt)}$${bare(stream)}`;
})();

/** Published by crypt_blowfish, RFC 7914 §12, phc-winner-argon2 and Google. */
const PUBLISHED: readonly (readonly [string, string, string])[] = [
  ['bcrypt', 'U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  ['bcrypt as PHP writes it', 'U*U*', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'],
  [
    'scrypt',
    'pleaseletmein',
    `$scrypt$ln=14,r=8,p=1$${bare(Buffer.from('SodiumChloride'))}$${bare(
      Buffer.from(
        '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
        'hex',
      ),
    )}`,
  ],
  ['argon2i', 'password', '$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA'],
  ['Firebase', 'user1password', FIREBASE],
];

const MADE: readonly (readonly [string, string, string])[] = [
  ['bcrypt $2b$', 'pásswörd 🐝', hashSync('pásswörd 🐝', 5)],
  ['argon2d', 'pásswörd', argon2('argon2d', 'pásswörd', [64, 1, 1])],
  ['argon2id with many lanes', 'pásswörd', argon2('argon2id', 'pásswörd', [256, 1, 8])],
  ['scrypt with other parameters', 'pásswörd', scrypt('pásswörd', [10, 16, 2])],
];

describe('verifyForeign', () => {
  it.each([...PUBLISHED, ...MADE])('%s: knows the password and no other', async (_, password, stored) => {
    expect(await verifyForeign(stored, password)).toBe(true);
    expect(await verifyForeign(stored, `${password}x`)).toBe(false);
    expect(await verifyForeign(stored, '')).toBe(false);
    expect(await verifyPassword(stored, password)).toBe(true);
    expect(needsRehash(stored, password)).toBe(true);
  });

  it('tries what was typed and its NFC, whichever the other system hashed', async () => {
    const [nfd, nfc] = ['cafe\u0301', 'caf\u00e9'];
    expect(await verifyForeign(scrypt(nfd, [8, 8, 1]), nfd)).toBe(true);
    expect(await verifyForeign(scrypt(nfc, [8, 8, 1]), nfd)).toBe(true);
    expect(await verifyForeign(scrypt(nfc, [8, 8, 1]), nfc)).toBe(true);
  });

  it('leaves a bcrypt hash whose password it has not seen to the end', async () => {
    const long = 'x'.repeat(73);
    const stored = hashSync(long, 4);
    expect(await verifyForeign(stored, `${long.slice(0, 72)}mistyped`)).toBe(true);
    expect(needsRehash(stored, long)).toBe(false);
    expect(needsRehash(stored, 'x'.repeat(72))).toBe(true);
  });

  it.each([
    ['bcrypt that takes minutes', hashSync('x', 4).replace('$04$', '$15$')],
    ['bcrypt below its least cost', hashSync('x', 4).replace('$04$', '$03$')],
    ['half of bcrypt', hashSync('x', 4).slice(0, 40)],
    ['argon2 with too much memory', argon2('argon2i', 'x', [64, 1, 1]).replace('m=64', 'm=262145')],
    ['argon2 with too much work', argon2('argon2i', 'x', [64, 1, 1]).replace('m=64,t=1', 'm=262144,t=5')],
    ['argon2 without memory for its lanes', argon2('argon2i', 'x', [64, 1, 1]).replace('p=1', 'p=16')],
    ['argon2 of another version', argon2('argon2i', 'x', [64, 1, 1]).replace('v=19', 'v=16')],
    ['scrypt with too much memory', scrypt('x', [8, 8, 1]).replace('ln=8', 'ln=19')],
    ['scrypt with too much work', scrypt('x', [8, 8, 1]).replace('ln=8,r=8,p=1', 'ln=16,r=8,p=8')],
    ['scrypt without a block', scrypt('x', [8, 8, 1]).replace('r=8', 'r=0')],
    ['scrypt with a tag of three bytes', scrypt('x', [8, 8, 1]).replace(/[^$]+$/, 'AAAA')],
    ['Firebase with too much memory', FIREBASE.replace('ln=14', 'ln=30')],
    ['a line feed at the end', `${FIREBASE}\n`],
  ])('throws, and computes nothing, where the stored hash is %s', async (_, stored) => {
    expect(parseForeign(stored)).toBeUndefined();
    const began = performance.now();
    const thrown = await verifyForeign(stored, 'x').catch(String);
    expect(thrown).toBe('Error: a stored password hash is of no known kind or not within bounds');
    expect(performance.now() - began).toBeLessThan(500);
  });
});
