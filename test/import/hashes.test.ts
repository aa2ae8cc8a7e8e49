import { hashSync } from 'bcryptjs';
import { argon2Sync, scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyPassword } from '../../shared/account/password.ts';
import { storedHash } from '../../shared/import/hashes.ts';
import type { HashRecord } from '../../shared/import/record.ts';
import { FIREBASE } from '../support/importing.ts';

const SALT = Buffer.from('0123456789abcdef');
const bare = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
const TAG = bare(
  argon2Sync('argon2id', { message: 'x', nonce: SALT, memory: 64, passes: 2, parallelism: 1, tagLength: 32 }),
);
const argon2 = (parameters: string) => `$argon2id$v=19$${parameters}$${bare(SALT)}$${TAG}`;
const scrypt = bare(scryptSync('x', SALT, 64, { N: 1024, r: 8, p: 1 }));
const bcrypt = hashSync('x', 4);
const parts = (N: number, about: object = {}): HashRecord => ({
  algorithm: 'scrypt',
  N,
  r: 8,
  p: 1,
  salt: bare(SALT),
  hash: scrypt,
  saltEncoding: 'base64',
  hashEncoding: 'base64',
  ...about,
});
const firebase = (about: object): HashRecord => ({
  algorithm: 'firebase-scrypt',
  hash: FIREBASE.signerKey,
  salt: 'AAAA',
  ...about,
});

const SCRYPT = 'is scrypt of other parts than N a power of two, N × r × p to 2097152, and 16 to 128 bytes of hash';
const ARGON2 =
  'is Argon2 of other parts than v=19, m to 262144, t to 10, p to 16, m × t to 1048576, 8 to 135 bytes of salt and 16 to 128 of hash';

describe('a hash that would hang whoever verifies it', () => {
  it.each<[string, HashRecord, string]>([
    ['bcrypt of 2^31 rounds', bcrypt.replace('$04$', '$31$'), 'is bcrypt of cost 31, and 4 to 14 are taken'],
    ['bcrypt of 2^15 rounds', bcrypt.replace('$04$', '$15$'), 'is bcrypt of cost 15, and 4 to 14 are taken'],
    ['bcrypt of no cost', bcrypt.replace('$04$', '$00$'), 'is bcrypt of cost 0, and 4 to 14 are taken'],
    ['bcrypt of 100 and something', bcrypt.replace('$04$', '$104$'), 'is no whole bcrypt hash of $2a$, $2b$ or $2y$'],
    ['bcrypt with a known fault', bcrypt.replace('$2b$', '$2x$'), 'is no whole bcrypt hash of $2a$, $2b$ or $2y$'],
    ['half of bcrypt', bcrypt.slice(0, 50), 'is no whole bcrypt hash of $2a$, $2b$ or $2y$'],
    ['Argon2 of 4 GB', argon2('m=4194304,t=1,p=1'), ARGON2],
    ['Argon2 of 1000 passes', argon2('m=64,t=1000,p=1'), ARGON2],
    ['Argon2 of a million lanes', argon2('m=262144,t=1,p=1000000'), ARGON2],
    ['Argon2 of an old version', argon2('m=64,t=2,p=1').replace('v=19', 'v=16'), ARGON2],
    ['Argon2 that says a parameter twice', argon2('m=64,t=2,t=2,p=1'), ARGON2],
    ['Argon2 with a key of its own', argon2('m=64,t=2,p=1,keyid=Zm9v'), ARGON2],
    ['scrypt of N = 2^30', parts(2 ** 30), SCRYPT],
    ['scrypt of N = 2^30, PHC', `$scrypt$ln=30,r=8,p=1$${bare(SALT)}$${scrypt}`, SCRYPT],
    ['scrypt of N = 2^30, Werkzeug', `scrypt:${2 ** 30}:8:1$salt$${'ab'.repeat(64)}`, SCRYPT],
    ['scrypt of N = 2^255, Java', `$s0$ff0801$${SALT.toString('base64')}$${scrypt}`, SCRYPT],
    ['scrypt of r = 2^20', parts(1024, { r: 2 ** 20 }), SCRYPT],
    ['scrypt of p = 2^20', parts(1024, { p: 2 ** 20 }), SCRYPT],
    ['scrypt of N = 0', parts(0), SCRYPT],
    ['scrypt of N = 1000', parts(1000), SCRYPT],
    ['Firebase of 2^30', firebase({ memoryCost: 30 }), SCRYPT],
    ['Firebase of a million rounds', firebase({ rounds: 1_000_000 }), SCRYPT],
    ['Firebase of another key', firebase({ hash: 'AAAA' }), 'is a hash of no known kind'],
    ['PBKDF2', 'pbkdf2_sha256$260000$salt$hash', 'is a hash of no known kind'],
    ['nothing', '$', 'is a hash of no known kind'],
  ])('%s: is refused at import with a sentence of its own, and computes nothing', (_, hash, reason) => {
    expect(() => storedHash(hash, 'passwordHash', FIREBASE)).toThrow(`passwordHash: ${reason}`);
  });
});

describe('a hash of an uncommon spelling', () => {
  const tag = (memory: number, passes: number, parallelism: number) =>
    bare(argon2Sync('argon2id', { message: 'x', nonce: SALT, memory, passes, parallelism, tagLength: 16 }));
  it.each<[string, HashRecord]>([
    ['Argon2 in another order', `$argon2id$v=19$t=2,p=1,m=64$${bare(SALT)}$${TAG}`],
    ['Argon2 with padding', `$argon2id$v=19$m=64,t=2,p=1$${SALT.toString('base64')}$${TAG}=`],
    ['Argon2 of the least of everything', `$argon2id$v=19$m=8,t=1,p=1$${bare(SALT)}$${tag(8, 1, 1)}`],
    ['Argon2 of 16 lanes', `$argon2id$v=19$m=128,t=1,p=16$${bare(SALT)}$${tag(128, 1, 16)}`],
    ['scrypt in another order', `$scrypt$r=8,p=1,ln=10$${bare(SALT)}$${scrypt}`],
    ['scrypt of the least cost', parts(2, { r: 1, hash: bare(scryptSync('x', SALT, 16, { N: 2, r: 1, p: 1 })) })],
    ['bcrypt of $2a$', bcrypt.replace('$2b$', '$2a$')],
    ['bcrypt of $2y$', bcrypt.replace('$2b$', '$2y$')],
  ])('%s: is taken, and knows its password and no other', async (_, hash) => {
    const stored = storedHash(hash, 'passwordHash', undefined);
    expect(await verifyPassword(stored, 'x')).toBe(true);
    expect(await verifyPassword(stored, 'y')).toBe(false);
  });

  it('bcrypt reads 72 bytes, also where a character lies across them', async () => {
    const across = `${'x'.repeat(71)}é`;
    const stored = storedHash(hashSync(across, 4), 'passwordHash', undefined);
    expect(await verifyPassword(stored, across)).toBe(true);
    expect(await verifyPassword(stored, `${across} and more`)).toBe(true);
    expect(await verifyPassword(stored, 'x'.repeat(71))).toBe(false);
  });

  it('bcrypt: a NUL ends nothing', async () => {
    const stored = storedHash(hashSync('one\0two', 4), 'passwordHash', undefined);
    expect(await verifyPassword(stored, 'one\0two')).toBe(true);
    for (const guess of ['one', 'one\0', 'one\0three']) expect(await verifyPassword(stored, guess)).toBe(false);
  });
});
