import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, policyHash } from '../../../shared/policies/hash.ts';

/** The same value with the names of every object the other way round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, turned(member)]),
  );
}

describe('policyHash', () => {
  it('is 16 hex digits, and of no policy those of `null`', () => {
    expect(policyHash({ rules: [] })).toMatch(/^[0-9a-f]{16}$/);
    // printf null | sha256sum
    expect(policyHash(undefined)).toBe('74234e98afe7498f');
    expect(policyHash(null)).toBe(policyHash(undefined));
    expect(policyHash({ rules: [] })).not.toBe(policyHash(undefined));
  });

  it('does not depend on the order of names', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => policyHash(turned(value)) === policyHash(value)));
  });

  it('tells apart whatever is different as JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const isSame = canonicalJson(a) === canonicalJson(b);
        expect(policyHash(a) === policyHash(b)).toBe(isSame);
        expect(JSON.parse(canonicalJson(a))).toEqual(JSON.parse(JSON.stringify(a)));
      }),
    );
  });

  it('depends on the order of lists, and takes a set for the list it means', () => {
    const of = (require: unknown) => policyHash({ rules: [{ id: 'a', require }] });
    expect(of(['otp-email', 'totp'])).not.toBe(of(['totp', 'otp-email']));
    expect(of(new Set(['otp-email', 'totp']))).toBe(of(['otp-email', 'totp']));
  });

  it('does not see what is undefined, which no table keeps', () => {
    expect(policyHash({ rules: [], merge: undefined })).toBe(policyHash({ rules: [] }));
  });
});
