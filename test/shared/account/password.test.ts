import { argon2Sync } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DUMMY_HASH,
  checkPassword,
  hashPassword,
  needsRehash,
  normalisePassword,
  verifyPassword,
} from '../../../shared/account/password.ts';

const TOO_SHORT = 'Password must contain at least 8 characters';
const TOO_LONG = "Password's length must be lesser than 129 characters";
const TOO_COMMON = 'This password is too common. Please choose another one.';

/** A hash as cheap as Argon2 gets, for properties about bytes rather than cost. */
function cheapHash(password: string): string {
  const salt = Buffer.alloc(16);
  const cost = { memory: 8, passes: 1, parallelism: 1, tagLength: 32 };
  const tag = argon2Sync('argon2id', { message: normalisePassword(password), nonce: salt, ...cost });
  const [saltText, tagText] = [salt, tag].map((bytes) => bytes.toString('base64').replace(/=+$/, ''));
  return `$argon2id$v=19$m=8,t=1,p=1$${saltText}$${tagText}`;
}

const passphrase = (length: number) => 'fluent otters juggle seven lemons '.repeat(5).slice(0, length);

async function isRefusedOrShort(password: string): Promise<boolean> {
  const refusal = await checkPassword(password, 1, 'ann@example.com');
  return refusal !== undefined || Buffer.byteLength(normalisePassword(password)) <= 512;
}

describe('checkPassword', () => {
  it.each([
    [7, 8, TOO_SHORT],
    [8, 8, undefined],
    [14, 15, 'Password must contain at least 15 characters'],
    [15, 15, undefined],
    [64, 8, undefined],
    [128, 8, undefined],
    [129, 8, TOO_LONG],
  ])('SEC-61 %i characters where %i are asked', async (length, minLength, expected) => {
    expect(await checkPassword(passphrase(length), minLength)).toBe(expected);
  });

  it('SEC-61 counts what people see as one character, in NFC as in NFD', async () => {
    expect(await checkPassword('🐝'.repeat(7), 8)).toBe(TOO_SHORT);
    expect(await checkPassword('🐝'.repeat(8), 8)).toBeUndefined();
    expect(await checkPassword('🐝'.repeat(128), 8)).toBeUndefined();
    expect(await checkPassword('e\u0301'.repeat(7), 8)).toBe(TOO_SHORT);
    expect(await checkPassword('e\u0301'.repeat(128), 8)).toBeUndefined();
  });

  it.each([
    ['        '],
    ['aaaa bbbb'],
    ['onlyletters'],
    ['8264013759'],
    ['a\0b\0c\0d\0e'],
    ['пароль-да'],
    ['\t\n\r !"#$%'],
  ])('SEC-61 demands no composition: %j', async (password) => {
    expect(await checkPassword(password, 8)).toBeUndefined();
  });

  it.each([
    ['password'],
    ['PASSWORD'],
    ['passwordpassword'],
    ['Password123!'],
    ['!!Qwerty123'],
    ['ｐassword'],
    ['trustno1'],
  ])('SEC-61 refuses %s, which is on every list', async (password) => {
    expect(await checkPassword(password, 8)).toBe(TOO_COMMON);
  });

  it('says the length first', async () => {
    expect(await checkPassword('123456', 8)).toBe(TOO_SHORT);
  });

  it.each([['ann.miller@example.com'], ['ANN.Miller@example.com'], ['ann.miller'], ['Ann.Miller']])(
    "refuses %s, the account's own address",
    async (password) => {
      expect(await checkPassword(password, 8, 'ann.miller@example.com')).toBe(TOO_COMMON);
      expect(await checkPassword(password, 8, 'eve@example.com')).toBeUndefined();
    },
  );

  it('SEC-61 refuses a megabyte within 100 ms', async () => {
    const startedAt = performance.now();
    expect(await checkPassword('e\u0301'.repeat(500_000), 8)).toBe(TOO_LONG);
    expect(performance.now() - startedAt).toBeLessThan(100);
  });

  it('never throws, and takes at most 512 bytes', async () => {
    const passwords = fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 140 }), isRefusedOrShort);
    await expect(fc.assert(passwords)).resolves.toBeUndefined();
  });

  it('measures what normalising leaves, however long the input', async () => {
    const longest = '\u1f82'.normalize('NFD');
    expect(longest).toHaveLength(4);
    expect(await checkPassword(longest.repeat(128), 8)).toBeUndefined();
    expect(await checkPassword(longest.repeat(129), 8)).toBe(TOO_LONG);
  });
});

describe('hashPassword and verifyPassword', () => {
  it('stores a salted argon2id PHC string and knows it again', async () => {
    const [one, two] = await Promise.all([hashPassword('hunter hunter'), hashPassword('hunter hunter')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(two);
    expect(await verifyPassword(one, 'hunter hunter')).toBe(true);
    expect(await verifyPassword(one, 'hunter hunteR')).toBe(false);
    expect(await verifyPassword(one, '')).toBe(false);
  });

  it.each([
    ['byte 73', 'x'.repeat(72) + 'a', 'x'.repeat(72) + 'b'],
    ['the last of 128 characters', 'x'.repeat(127) + 'a', 'x'.repeat(127) + 'b'],
    ['what follows NUL', 'secret\0one', 'secret\0two'],
    ['a NUL at the end', 'secret', 'secret\0'],
    ['a space at the end', 'secret', 'secret '],
    ['case', 'secret', 'Secret'],
  ])('SEC-61 %s matters', async (_, one, other) => {
    const stored = await hashPassword(one);
    expect(await verifyPassword(stored, one)).toBe(true);
    expect(await verifyPassword(stored, other)).toBe(false);
  });

  it('SEC-61 NFC and NFD are one password', async () => {
    const stored = await hashPassword('caf\u00e9 🐝 \u1ec7');
    expect(await verifyPassword(stored, 'cafe\u0301 🐝 e\u0323\u0302')).toBe(true);
  });

  it('SEC-61 a difference at any place matters', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 0, maxLength: 130 });
    await fc.assert(
      fc.asyncProperty(text, text, text, async (before, after, other) => {
        const stored = cheapHash(`${before}a${after}`);
        expect(await verifyPassword(stored, `${before}a${after}`.normalize('NFD'))).toBe(true);
        expect(await verifyPassword(stored, `${before}b${after}`)).toBe(false);
        const isSame = normalisePassword(other) === normalisePassword(`${before}a${after}`);
        expect(await verifyPassword(stored, other)).toBe(isSame);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['nothing', ''],
    ['plain text', 'hunter2'],
    ['MD5', '$1$salt$qJH7.N4xYta3aEG/dfqo/0'],
    ['another version', DUMMY_HASH.replace('v=19', 'v=16')],
    ['too much memory', DUMMY_HASH.replace('m=19456', 'm=262145')],
    ['too little memory', DUMMY_HASH.replace('m=19456', 'm=7')],
    ['too many passes', DUMMY_HASH.replace('t=2', 't=11')],
    ['no pass', DUMMY_HASH.replace('t=2', 't=0')],
    ['too many lanes', DUMMY_HASH.replace('p=1', 'p=17')],
    ['no lane', DUMMY_HASH.replace('p=1', 'p=0')],
    ['a line feed at the end', `${DUMMY_HASH}\n`],
    ['half a hash', DUMMY_HASH.slice(0, 60)],
  ])('throws where the stored hash is %s, without repeating it', async (_, stored) => {
    const thrown = await verifyPassword(stored, 'x').catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Error);
    expect(String(thrown)).toBe('Error: a stored password hash is of no known kind or not within bounds');
  });

  it('agrees with the reference implementation', async () => {
    // From phc-winner-argon2, src/test.c.
    const stored = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await verifyPassword(stored, 'password')).toBe(true);
    expect(await verifyPassword(stored, 'passwore')).toBe(false);
  });
});

describe('needsRehash', () => {
  it.each([
    ['the dummy', DUMMY_HASH, false],
    ['less memory', DUMMY_HASH.replace('m=19456', 'm=8192'), true],
    ['more passes', DUMMY_HASH.replace('t=2', 't=3'), true],
    ['more lanes', DUMMY_HASH.replace('p=1', 'p=2'), true],
    ['a cheap hash', cheapHash('x'), true],
  ])('%s', (_, stored, expected) => {
    expect(needsRehash(stored)).toBe(expected);
  });

  it('is false for a new hash', async () => {
    expect(needsRehash(await hashPassword('hunter hunter'))).toBe(false);
  });
});

const shape = (stored: string) => stored.split('$').map((part, index) => (index > 3 ? part.length : part));

describe('DUMMY_HASH', () => {
  it('costs what new hashes cost, and fits no password', async () => {
    const fresh = await hashPassword('hunter hunter');
    expect(shape(DUMMY_HASH)).toEqual(shape(fresh));
    expect(await verifyPassword(DUMMY_HASH, '')).toBe(false);
    expect(await verifyPassword(DUMMY_HASH, 'hunter hunter')).toBe(false);
  });
});
