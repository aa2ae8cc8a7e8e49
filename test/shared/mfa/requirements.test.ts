import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factorsIn, nextFactors, type Requirement, unmet } from '../../../shared/mfa/requirements.ts';
import { done } from './facts.ts';

const oneOf = (...factors: readonly string[]): Requirement => ({ oneOf: factors });
const allOf = (...factors: readonly string[]): Requirement => ({ allOfInAnyOrder: factors });

describe('nextFactors', () => {
  it.each<[readonly Requirement[], readonly string[], readonly string[]]>([
    // wire.md §12.3
    [[], ['emailpassword'], []],
    [['otp-email'], ['emailpassword'], ['otp-email']],
    [['otp-email'], ['emailpassword', 'otp-email'], []],
    [[oneOf('otp-email', 'totp')], ['emailpassword'], ['otp-email', 'totp']],
    [[oneOf('totp', 'otp-email')], ['emailpassword'], ['totp', 'otp-email']],
    [[oneOf('otp-email', 'totp')], ['totp'], []],
    [[oneOf()], ['emailpassword'], []],
    [[allOf('otp-email', 'totp')], ['emailpassword'], ['otp-email', 'totp']],
    [[allOf('otp-email', 'totp')], ['otp-email'], ['totp']],
    [[allOf('otp-email', 'totp')], ['totp', 'otp-email'], []],
    [[allOf()], [], []],
    // In order, and the first unmet one only.
    [['otp-email', 'totp'], ['emailpassword'], ['otp-email']],
    [['otp-email', 'totp'], ['otp-email'], ['totp']],
    [[oneOf('totp', 'otp-email'), 'otp-phone'], ['otp-email'], ['otp-phone']],
    // A later factor done early counts.
    [['otp-email', 'totp'], ['totp'], ['otp-email']],
    [['otp-email', 'totp'], ['totp', 'otp-email'], []],
    // A first factor may be demanded.
    [['emailpassword'], ['emailpassword'], []],
    [['emailpassword'], ['otp-email'], ['emailpassword']],
  ])('of %j after %j are %j', (requirements, completed, next) => {
    expect(nextFactors(requirements, done(...completed))).toEqual(next);
  });

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'has %s to do, which no object lends it',
    (id) => {
      expect(nextFactors([id], { emailpassword: 1 })).toEqual([id]);
      expect(nextFactors([oneOf(id)], {})).toEqual([id]);
      expect(nextFactors([allOf(id)], {})).toEqual([id]);
    },
  );

  it('counts a factor completed at time zero', () => {
    expect(nextFactors(['otp-email'], { 'otp-email': 0 })).toEqual([]);
  });
});

const factor = fc.constantFrom('emailpassword', 'otp-email', 'otp-phone', 'totp', 'constructor');
const requirement: fc.Arbitrary<Requirement> = fc.oneof(
  factor,
  fc.record({ oneOf: fc.array(factor, { maxLength: 4 }) }),
  fc.record({ allOfInAnyOrder: fc.array(factor, { maxLength: 4 }) }),
);
const completion = fc.uniqueArray(factor).map((factors) => done(...factors));

describe('a list of requirements', () => {
  it('is met exactly when each of them is', () => {
    fc.assert(
      fc.property(fc.array(requirement), completion, (requirements, completed) => {
        expect(nextFactors(requirements, completed).length === 0).toBe(
          requirements.every((one) => unmet(one, completed).length === 0),
        );
      }),
    );
  });

  it('never asks for a factor that was done, nor for one it does not name', () => {
    fc.assert(
      fc.property(fc.array(requirement), completion, (requirements, completed) => {
        const named = requirements.flatMap(factorsIn);
        for (const next of nextFactors(requirements, completed)) {
          expect(named).toContain(next);
          expect(Object.keys(completed)).not.toContain(next);
        }
      }),
    );
  });

  it('comes to an end when what is next is done, one after the other', () => {
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 5 }), (requirements) => {
        let completed: Record<string, number> = {};
        for (let step = 0; step <= 5; step += 1) {
          const [next] = nextFactors(requirements, completed);
          if (next === undefined) break;
          completed = { ...completed, ...done(next) };
        }
        expect(nextFactors(requirements, completed)).toEqual([]);
      }),
    );
  });
});
