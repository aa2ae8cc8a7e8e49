/**
 * A refresh token that reads as ours was issued by us, every part of it; whatever else there is reads as nothing.
 *
 * Why: a displaced token ends its session, so if anything but a token of ours read as one, anybody could end anybody's
 * session (security.md §3.6). And a parser that throws makes a 500 of a stray cookie.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveSecrets } from '../../../shared/keys/secrets.ts';
import {
  antiCsrfOf,
  firstRefreshToken,
  readRefreshToken,
  refreshTokenHash,
  successor,
} from '../../../shared/session/refresh-token.ts';

const secrets = deriveSecrets('r1700000000000', Buffer.alloc(32, 7));
const otherRoot = deriveSecrets('r1700000000000', Buffer.alloc(32, 8));
const otherKid = deriveSecrets('r1800000000000', Buffer.alloc(32, 7));
const HANDLE = '01234567-89ab-4cde-8f01-23456789abcd';

const userId = fc.stringMatching(/^[A-Za-z0-9._:@+-]{1,128}$/);
const tenantId = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/);
const handle = fc
  .tuple(fc.uuid(), fc.option(tenantId))
  .map(([id, tenant]) => (tenant === null ? id : `${id}_${tenant}`));
const branch = fc.nat(3);

describe('a refresh token', () => {
  it('reads back as what it was made of, for every user id, tenant and branch', () => {
    fc.assert(
      fc.property(userId, handle, branch, (user, session, n) => {
        const first = firstRefreshToken(secrets, user, session);
        expect(readRefreshToken(secrets, first)).toEqual({ userId: user, handle: session, branch: 0 });
        const next = successor(secrets, { userId: user, handle: session }, refreshTokenHash(first), n);
        expect(readRefreshToken(secrets, next)).toEqual({ userId: user, handle: session, branch: n });
        // It travels in a cookie, in a header and in document.cookie, unescaped. @see wire.md §2.3
        expect(next).toMatch(/^[\w.-]+$/);
      }),
      { numRuns: 300 },
    );
  });

  it('begins a session with a secret of its own, and goes on with one that follows from its parent and branch', () => {
    const [one, two] = [firstRefreshToken(secrets, 'u', HANDLE), firstRefreshToken(secrets, 'u', HANDLE)];
    expect(one).not.toBe(two);
    const child = (parent: string, n: number, from = secrets) =>
      successor(from, { userId: 'u', handle: HANDLE }, refreshTokenHash(parent), n);
    expect(child(one, 0)).toBe(child(one, 0));
    const all = [one, two].flatMap((parent) => [0, 1, 2, 3].map((n) => child(parent, n)));
    expect(new Set(all.map((token) => token.split('.')[5])).size).toBe(8);
    expect(child(one, 0).split('.')[5]).not.toBe(child(one, 0, otherRoot).split('.')[5]);
  });

  it('gives a session of another handle another child, though the parent were the same', () => {
    const parent = refreshTokenHash('same');
    const of = (id: string) => successor(secrets, { userId: 'u', handle: id }, parent, 0).split('.')[5];
    expect(of(HANDLE)).not.toBe(of(HANDLE.replace('0', '1')));
  });

  it('is not the anti-CSRF value beside it, nor tells it', () => {
    const token = firstRefreshToken(secrets, 'u', HANDLE);
    const value = antiCsrfOf(secrets, refreshTokenHash(token));
    expect(value).toMatch(/^[\w-]{22}$/);
    expect(token).not.toContain(value);
    expect(antiCsrfOf(otherRoot, refreshTokenHash(token))).not.toBe(value);
  });
});

describe('anything else', () => {
  const genuine = firstRefreshToken(secrets, 'user-1', `${HANDLE}_acme`);

  it('reads as nothing: made with another root secret, or under another kid', () => {
    expect(readRefreshToken(secrets, firstRefreshToken(otherRoot, 'user-1', HANDLE))).toBeUndefined();
    expect(readRefreshToken(secrets, firstRefreshToken(otherKid, 'user-1', HANDLE))).toBeUndefined();
    expect(readRefreshToken(otherKid, genuine)).toBeUndefined();
  });

  it('reads as nothing with any one character changed, left out or put in', () => {
    const character = fc.constantFrom('A', 'b', '0', '1', '_', '-', '.', ' ', '\n', '\0', 'é');
    fc.assert(
      fc.property(fc.nat(genuine.length - 1), character, (at, put) => {
        const [before, after] = [genuine.slice(0, at), genuine.slice(at + 1)];
        for (const forged of [before + put + after, before + after, before + put + genuine.slice(at)]) {
          if (forged !== genuine) expect(readRefreshToken(secrets, forged)).toBeUndefined();
        }
      }),
      { numRuns: 400 },
    );
    expect(readRefreshToken(secrets, genuine)).toBeDefined();
  });

  it('reads as nothing with a forged tag, whatever the tag', () => {
    const body = genuine.slice(0, genuine.lastIndexOf('.'));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect(readRefreshToken(secrets, `${body}.${Buffer.from(bytes).toString('base64url')}`)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('reads as nothing with parts of two tokens of ours put together', () => {
    const other = firstRefreshToken(secrets, 'user-2', HANDLE).split('.');
    const own = genuine.split('.');
    for (const at of own.keys()) {
      const mixed = own.map((part, i) => (i === at ? other[i]! : part)).join('.');
      if (mixed !== genuine) expect([at, readRefreshToken(secrets, mixed)]).toEqual([at, undefined]);
    }
  });

  it('never makes the parser throw', () => {
    const parts = (encoding: BufferEncoding) =>
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString(encoding));
    for (const texts of [parts('latin1'), parts('utf16le'), parts('base64url').map((text) => `v1.${text}`)]) {
      fc.assert(
        fc.property(texts, (text) => {
          expect(readRefreshToken(secrets, text)).toBeUndefined();
          expect(
            readRefreshToken(
              secrets,
              genuine.replace(/[^.]+$/, () => text),
            ),
          ).toBeUndefined();
          expect(
            readRefreshToken(
              secrets,
              genuine.replace(HANDLE, () => text),
            ),
          ).toBeUndefined();
        }),
        { numRuns: 200 },
      );
    }
  });
});
