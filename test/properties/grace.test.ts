/**
 * A grace is given once: its deadline is one, however many sign-ins begin it together, and nothing moves it later.
 *
 * Why: a grace that can be had again, by signing in twice at once or by losing the factor, is no end but a way round.
 */
import * as fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { compilePolicy } from '../../shared/mfa/compile-policy.ts';
import { PolicySchema } from '../../shared/mfa/policy-schema.ts';
import { requirementsFor } from '../../shared/mfa/policy.ts';
import type { Facts } from '../../shared/mfa/facts.ts';
import { startSession } from '../../shared/session/start.ts';
import { facts, NOW } from '../shared/mfa/facts.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const DAY = 86_400_000;

describe('twenty sign-ins at the same time', () => {
  it('begin one grace, and all of them go by its deadline', async () => {
    const rules = [{ id: 'staff', require: ['otp-email'], graceDays: 1 }];
    await stepgate.tenant('public', { mfaPolicy: { rules } });
    const userId = await stepgate.user('person@example.com');
    const app = stepgate.app();
    const [tenant, user] = await Promise.all([app.tenants.get('public'), app.users.load(userId)]);
    const client = { ip: '192.0.2.1', userAgent: 'test', country: '', authMode: 'header' };
    const begun = { user: user!, tenant: tenant!, recipeUserId: userId, firstFactor: 'emailpassword', client };
    const sessions = await Promise.all(Array.from({ length: 20 }, () => startSession(begun, app)));
    expect(sessions).toHaveLength(20);
    const until = (await app.users.load(userId))?.grace?.['public']?.['staff'];
    expect(until).toBeGreaterThan(stepgate.clock.now() + DAY / 2);

    stepgate.clock.advance(DAY);
    const late = await Promise.all(
      sessions.map(async ({ refresh }) => {
        const page = stepgate.browser('header');
        page.present({ refresh: refresh?.token });
        await page.refresh();
        return page.claims()['st-mfa'].v;
      }),
    );
    expect(late).toEqual(sessions.map(() => false));
    expect((await app.users.load(userId))?.grace?.['public']).toEqual({ staff: until });
  });
});

describe('a grace', { timeout: 60_000 }, () => {
  /** What happens to an account between two sign-ins. */
  const step = fc.record({
    afterMs: fc.integer({ min: 0, max: 10 * DAY }),
    graceDays: fc.integer({ min: 1, max: 30 }),
    roles: fc.subarray(['staff']),
    factorsSetUp: fc.subarray(['emailpassword', 'otp-email']),
  });

  it('never waives again once it is over, whatever was changed meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        let now = NOW;
        let standing: Facts['user']['grace'];
        let first: number | undefined;
        for (const { afterMs, graceDays, roles, factorsSetUp } of steps) {
          now += afterMs;
          const rules = [{ id: 'r', when: "'staff' in user.roles", require: ['otp-email'], graceDays }];
          const policy = await compilePolicy(v.parse(PolicySchema, { rules }));
          if (!('rules' in policy)) throw new Error('the policy does not compile');
          const user = { roles, factorsSetUp, ...(standing === undefined ? {} : { grace: standing }) };
          const decision = requirementsFor(policy, facts({ user, now }));
          const [start] = decision.graceStarts;
          // As the store has it: the first deadline stands.
          if (start !== undefined) {
            expect(standing).toBeUndefined();
            standing = { r: start.until };
          }
          first ??= standing?.['r'];
          expect(standing?.['r']).toBe(first);
          const isAsked = decision.requirements.length > 0;
          if (first !== undefined && now >= first) expect(isAsked).toBe(roles.includes('staff'));
          for (const { until } of decision.waivers) expect(until).toBe(first);
        }
      }),
      { numRuns: 300 },
    );
  });
});
