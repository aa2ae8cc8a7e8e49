// Promise: no two different facts share a key. Why it matters: a `#` in an address, or a boundary that can be moved
// between two parts, would let one user read, count for or overwrite another. @see security.md §2.5, §3.1

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTenantId } from '../../shared/account/tenant.ts';
import {
  auditKey,
  deviceKey,
  factorsKey,
  isRole,
  isUserId,
  type Key,
  limitKey,
  loginKey,
  lookupKey,
  memberKey,
  profileKey,
  roleKey,
  rolesKey,
  SESSION_SK,
  sessionKey,
  TENANT_LIST_PK,
  tenantKey,
} from '../../shared/dynamo/keys.ts';
import { deriveSecrets, lengthPrefixed } from '../../shared/keys/secrets.ts';

const secrets = deriveSecrets('test', Buffer.alloc(32, 7));

/** Everything a client or an identity provider may say, `#` and separators among it more often than by chance. */
const anything = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('#', 'a', 'b', '\0', ' ', '|', '_') }),
);
const ofAlphabet = (alphabet: string, max: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength: max });
const tenantId = ofAlphabet('ab1-', 12).filter(isTenantId);
const userId = fc.oneof(fc.uuid(), ofAlphabet('aB1._:@+-', 12)).filter(isUserId);
const role = ofAlphabet('aB1._:-', 12).filter(isRole);
const handle = fc
  .tuple(fc.uuid(), fc.option(tenantId))
  .map(([id, tenant]) => (tenant === null ? id : `${id}_${tenant}`));
const kind = fc.constantFrom('emailpassword:email', 'passwordless:email', 'passwordless:phone', 'primary:email');
const scope = fc.constantFrom('otp-user', 'otp-to', 'email-to', 'sms-to', 'sms-ip', 'password', 'verify-ip');
const window = fc.oneof(
  fc.constant('life'),
  fc.tuple(fc.nat(), fc.nat()).map(([seconds, at]) => `${seconds}-${at}`),
);
const time = fc.integer({ min: 0, max: 4_102_444_800_000 });

/** A fact, as it says itself, and the key it is kept under. */
interface Fact {
  readonly says: string;
  readonly key: Key;
}
const fact = <T extends readonly unknown[]>(
  name: string,
  parts: fc.Arbitrary<T>,
  key: (...about: T) => Key,
): fc.Arbitrary<Fact> => parts.map((about) => ({ says: JSON.stringify([name, ...about]), key: key(...about) }));

const facts = fc.oneof(
  fact('tenant', fc.tuple(tenantId), tenantKey),
  fact('role', fc.tuple(role), roleKey),
  fact('profile', fc.tuple(userId), profileKey),
  fact('login', fc.tuple(userId, userId), loginKey),
  fact('roles', fc.tuple(userId, tenantId), rolesKey),
  fact('factors', fc.tuple(userId), factorsKey),
  fact('session', fc.tuple(userId, handle), sessionKey),
  fact('lookup', fc.tuple(kind, tenantId, anything), (of, tenant, value) =>
    lookupKey(tenant, secrets.index(of, tenant, value)),
  ),
  fact('device', fc.tuple(tenantId, anything), deviceKey),
  fact('member', fc.tuple(tenantId, userId), memberKey),
  fact('tenant in the list', fc.tuple(tenantId), (tenant) => ({ pk: TENANT_LIST_PK, sk: tenant })),
  fact('limit', fc.tuple(scope, tenantId, anything, window), (of, tenant, subject, at) =>
    limitKey(of, secrets.index(`limit/${of}`, tenant, subject), at),
  ),
  fact('audit', fc.tuple(userId, time, fc.uuid()), auditKey),
);

const nameOf = ({ pk, sk }: Key): string => JSON.stringify([pk, sk]);

describe('keys', () => {
  it('differ where facts differ', () => {
    fc.assert(
      fc.property(fc.uniqueArray(facts, { selector: ({ says }) => says, minLength: 2, maxLength: 60 }), (all) => {
        expect(new Set(all.map(({ key }) => nameOf(key))).size).toBe(all.length);
      }),
      { numRuns: 300 },
    );
  });

  it('differ for parts that look alike when they are joined', () => {
    const parts = fc.tuple(anything, anything);
    fc.assert(
      fc.property(parts, parts, ([a, b], [c, d]) => {
        fc.pre(a !== c || b !== d);
        expect(secrets.index('x', a, b)).not.toBe(secrets.index('x', c, d));
      }),
    );
  });

  it('hold nothing of what a client said', () => {
    fc.assert(
      fc.property(kind, tenantId, fc.emailAddress(), (of, tenant, email) => {
        const index = secrets.index(of, tenant, email);
        expect(index).toMatch(/^[\w-]{43}$/);
        expect(deviceKey(tenant, email).pk).toMatch(/^OTP#[a-z0-9-]+#[\w-]{43}$/);
      }),
    );
  });

  it('stay within what DynamoDB takes', () => {
    fc.assert(
      fc.property(facts, ({ key }) => {
        expect(Buffer.byteLength(key.pk)).toBeLessThan(2_048);
        expect(Buffer.byteLength(key.sk)).toBeLessThan(1_024);
      }),
    );
  });

  it('put everything that policy needs before the sessions, and nothing else', () => {
    fc.assert(
      fc.property(userId, tenantId, handle, (user, tenant, session) => {
        for (const key of [factorsKey(user), loginKey(user, user), profileKey(user), rolesKey(user, tenant)]) {
          expect(key.sk < SESSION_SK).toBe(true);
        }
        expect(sessionKey(user, session).sk > SESSION_SK).toBe(true);
      }),
    );
  });

  it('sort audit records by time', () => {
    fc.assert(
      fc.property(userId, time, time, (user, a, b) => {
        fc.pre(a < b);
        const [first, second] = [auditKey(user, a, 'z'), auditKey(user, b, 'a')];
        expect(`${first.pk} ${first.sk}` < `${second.pk} ${second.sk}`).toBe(true);
      }),
    );
  });
});

describe('lengthPrefixed', () => {
  it('says two things differently unless they are the same', () => {
    const parts = fc.array(anything, { maxLength: 6 });
    const bytes = (all: readonly string[]) => all.map((part) => Buffer.from(part, 'utf8').toString('hex')).join(',');
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        fc.pre(a.length !== b.length || bytes(a) !== bytes(b));
        expect(lengthPrefixed(a).equals(lengthPrefixed(b))).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it('cannot be fooled by moving a boundary', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 2, maxLength: 5 }), fc.nat(), (parts, at) => {
        const i = at % (parts.length - 1);
        const moved = [...parts.slice(0, i), parts[i]! + parts[i + 1]!, ...parts.slice(i + 2)];
        expect(lengthPrefixed(moved).equals(lengthPrefixed(parts))).toBe(false);
      }),
    );
  });
});
