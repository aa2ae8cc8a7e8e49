/**
 * Two different things never share a key, and nothing anybody can send makes a parser throw what is not an answer.
 *
 * Why: `#` or a control character in an address must not build another item's key (security.md §3.1), and a parser that
 * throws is a 500 that says so.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalEmail, canonicalPhone, maskContact } from '../../shared/account/contact.ts';
import { parseTenant } from '../../shared/account/parse-tenant.ts';
import { isTenantId, MalformedTenant } from '../../shared/account/tenant-id.ts';
import * as keys from '../../shared/dynamo/keys.ts';
import { parseBody } from '../../shared/http/body.ts';
import { cookieValues } from '../../shared/http/carrier.ts';
import type { Request } from '../../shared/http/endpoint.ts';
import { matchRoute } from '../../shared/http/route.ts';
import { deriveSecrets, lengthPrefixed } from '../../shared/keys/secrets.ts';
import { ipPrefix } from '../../shared/client-address.ts';
import { belongsTo, newCode } from '../../shared/otp/code.ts';
import { ProtocolError } from '../../shared/protocol-error.ts';
import { readRefreshToken } from '../../shared/session/refresh-token.ts';

const secrets = deriveSecrets('r1', Buffer.alloc(32, 7));
const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('#', 'a#b', 'USER#x', '\u0000', ''));
const tenantId = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/).filter(isTenantId);
const userId = fc.stringMatching(/^[A-Za-z0-9._:@+-]{1,20}$/);
const role = fc.stringMatching(/^[A-Za-z0-9._:-]{1,20}$/);
const flat = ({ pk, sk }: keys.Key): string => JSON.stringify([pk, sk]);

/** Every builder with whatever may reach it; the parts say which thing it is. */
const entity = fc.oneof(
  tenantId.map((t) => ({ parts: ['tenant', t], key: keys.tenantKey(t) })),
  role.map((r) => ({ parts: ['role', r], key: keys.roleKey(r) })),
  userId.map((u) => ({ parts: ['profile', u], key: keys.profileKey(u) })),
  userId.map((u) => ({ parts: ['factors', u], key: keys.factorsKey(u) })),
  fc.tuple(userId, fc.uuid()).map(([u, id]) => ({ parts: ['login', u, id], key: keys.loginKey(u, id) })),
  fc.tuple(userId, tenantId).map(([u, t]) => ({ parts: ['roles', u, t], key: keys.rolesKey(u, t) })),
  fc.tuple(userId, fc.uuid()).map(([u, h]) => ({ parts: ['session', u, h], key: keys.sessionKey(u, h) })),
  fc.tuple(tenantId, anything).map(([t, value]) => ({
    parts: ['lookup', t, value],
    key: keys.lookupKey(t, secrets.index('emailpassword:email', t, value)),
  })),
  fc.tuple(tenantId, anything).map(([t, id]) => ({ parts: ['code', t, id], key: keys.deviceKey(t, id) })),
  fc.tuple(tenantId, userId).map(([t, u]) => ({ parts: ['member', t, u], key: keys.memberKey(t, u) })),
  fc.tuple(tenantId, anything).map(([t, subject]) => ({
    parts: ['limit', t, subject],
    key: keys.limitKey('signin-ip', secrets.index('limit/signin-ip', t, subject), '60-1'),
  })),
);

describe('keys', () => {
  it('take no user id or role that could end a key part', () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(text.includes('#') && (keys.isUserId(text) || keys.isRole(text))).toBe(false);
      }),
    );
  });

  it('are equal for equal things alone, whatever stands in them', () => {
    fc.assert(
      fc.property(entity, entity, (a, b) => {
        expect(flat(a.key) === flat(b.key)).toBe(JSON.stringify(a.parts) === JSON.stringify(b.parts));
      }),
      { numRuns: 3_000 },
    );
  });

  it('hold nothing of an address, and have one length for all of them', () => {
    fc.assert(
      fc.property(tenantId, anything, (t, value) => {
        expect(keys.lookupKey(t, secrets.index('kind', t, value)).pk).toMatch(/^LOOKUP#[a-z0-9-]+#[\w-]{43}$/);
      }),
    );
  });

  it('are made of parts that cannot be read two ways', () => {
    const parts = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(lengthPrefixed(a).equals(lengthPrefixed(b))).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 2_000 },
    );
  });
});

const request = (body: string, headers: Readonly<Record<string, string>>): Request => ({
  method: 'POST',
  routeKey: 'POST /auth/signin',
  path: '/auth/signin',
  params: {},
  query: {},
  headers,
  cookies: [],
  body,
  ip: '192.0.2.1',
  country: '',
  requestId: 'r',
});

describe('parsers', () => {
  it('answer any string, and throw nothing', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (text) => {
        expect(readRefreshToken(secrets, text)).toBeUndefined();
        expect(belongsTo(text, text)).toBe(false);
        expect(typeof ipPrefix(text)).toBe('string');
        expect(typeof maskContact('email', text)).toBe('string');
        expect(['string', 'undefined']).toContain(typeof canonicalEmail(text));
        expect(['object', 'undefined']).toContain(typeof (await canonicalPhone(text)));
        matchRoute(['GET /a/{b}', 'POST /auth/{tenantId}/signin', 'OPTIONS /{proxy+}'], 'GET', text);
        cookieValues({ ...request('', {}), cookies: [text] }, 'sAccessToken');
      }),
      { numRuns: 500 },
    );
  });

  it('refuse a body with a protocol error or read it', () => {
    fc.assert(
      fc.property(
        fc.oneof(anything, fc.json()),
        fc.constantFrom('application/json', 'text/plain', ''),
        (body, type) => {
          try {
            expect(typeof parseBody(request(body, type === '' ? {} : { 'content-type': type }))).toBe('object');
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('make a tenant of an item, or say what is malformed in it', async () => {
    const attribute = fc.constantFrom(
      'firstFactors',
      'mfaPolicy',
      'claims',
      'allowedOrigins',
      'signUpFields',
      'metadata',
    );
    const item = fc.oneof(fc.jsonValue(), fc.dictionary(attribute, fc.jsonValue()));
    await fc.assert(
      fc.asyncProperty(item, async (stored) => {
        try {
          expect((await parseTenant('acme', stored)).tenantId).toBe('acme');
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedTenant);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('codes', () => {
  it('have as many digits as asked, leading zeros included, and no digit is rarer than another', () => {
    const codes = Array.from({ length: 10_000 }, () => newCode(6));
    expect(codes.every((code) => /^\d{6}$/.test(code))).toBe(true);
    const counts = Array.from(
      { length: 10 },
      (_, digit) => codes.filter((code) => code.startsWith(String(digit))).length,
    );
    const chiSquared = counts.reduce((sum, n) => sum + (n - 1_000) ** 2 / 1_000, 0);
    // 9 degrees of freedom: above 33.7 once in ten thousand runs.
    expect(chiSquared).toBeLessThan(33.7);
    expect(newCode(8)).toMatch(/^\d{8}$/);
  });
});
