/**
 * A roll-out reaches the same people every time, only ever more of them as it is raised, and as many as it says.
 *
 * Why: a share drawn anew at every sign-in asks everybody sooner or later, and nobody can say who is in it.
 */
import * as fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isReached } from '../../shared/mfa/rollout.ts';
import { requirementsFor } from '../../shared/mfa/policy.ts';
import { compiled, facts, NOW } from '../shared/mfa/facts.ts';

const percent = fc.double({ min: 0, max: 100, noNaN: true });
const userId = fc.oneof(fc.uuid(), fc.string({ maxLength: 40 }));
const ruleId = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);

describe('a roll-out', () => {
  it('asks at a larger share everybody it asks at a smaller one', () => {
    fc.assert(
      fc.property(userId, ruleId, percent, percent, (user, rule, one, other) => {
        const [less, more] = one < other ? [one, other] : [other, one];
        if (isReached(user, rule, less)) expect(isReached(user, rule, more)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('asks everybody at 100 and nobody at 0', () => {
    fc.assert(
      fc.property(userId, ruleId, (user, rule) => {
        expect([isReached(user, rule, 0), isReached(user, rule, 100)]).toEqual([false, true]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('asks the same people whatever else is so: time, roles, sessions, the other rules', async () => {
    const rule = { id: 'some', require: ['totp'], rollout: 30 };
    const alone = await compiled({ rules: [rule] });
    const among = await compiled({ rules: [{ id: 'first', require: ['otp-phone'], rollout: 70 }, rule] });
    const times = fc.integer({ min: 0, max: 2 * NOW });
    fc.assert(
      fc.property(fc.uuid(), times, fc.subarray(['admin']), fc.boolean(), (id, now, roles, isNewDevice) => {
        const about = facts({ user: { id, roles }, now, session: { isNewDevice } });
        const isAsked = requirementsFor(alone, facts({ user: { id } })).because.includes('some');
        expect(requirementsFor(alone, about).because.includes('some')).toBe(isAsked);
        expect(requirementsFor(among, about).because.includes('some')).toBe(isAsked);
      }),
    );
  });

  it.each([1, 10, 37.5, 50, 90])('asks %d %% of people, within what chance allows', (share) => {
    const people = 20_000;
    const asked = Array.from({ length: people }, randomUUID).filter((id) => isReached(id, 'some', share)).length;
    const expected = (people * share) / 100;
    // Six standard deviations: one run in a billion is beyond.
    expect(Math.abs(asked - expected)).toBeLessThan(6 * Math.sqrt(expected * (1 - share / 100)));
  });

  it('of one rule says nothing about that of another', () => {
    const people = Array.from({ length: 20_000 }, randomUUID).filter((id) => isReached(id, 'one', 20));
    const asked = people.filter((id) => isReached(id, 'other', 20)).length;
    expect(Math.abs(asked / people.length - 0.2)).toBeLessThan(6 * Math.sqrt((0.2 * 0.8) / people.length));
  });
});
