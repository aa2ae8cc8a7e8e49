// Whatever the facts are, however odd: the evaluator answers, and its answers agree with one another.
// That adding a rule never removes a requirement: test/properties/strictest-wins.test.ts.

import * as fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { evaluate, type EvaluatedTenant, setupRefusal } from '../../../shared/mfa/evaluate.ts';
import { isSameWay } from '../../../shared/mfa/factor.ts';
import type { Facts } from '../../../shared/mfa/facts.ts';
import { type Policy, PolicySchema } from '../../../shared/mfa/policy-schema.ts';
import { requirementsFor } from '../../../shared/mfa/policy.ts';
import { unmet } from '../../../shared/mfa/requirements.ts';
import { compiled, NOW } from './facts.ts';

const factor = fc.constantFrom('emailpassword', 'otp-email', 'otp-phone', 'totp', 'custom', 'constructor');
const factors = fc.uniqueArray(factor, { maxLength: 4 });
const some = fc.uniqueArray(factor, { minLength: 1, maxLength: 4 });
const text = fc.string({ unit: 'binary', maxLength: 20 });
const anything = fc.anything({ maxDepth: 4, withBigInt: true, withDate: true, withSet: true, withMap: true });
const time = fc.oneof(fc.integer({ min: 0, max: 2 * NOW }), fc.double(), fc.constantFrom(NaN, Infinity, -1));

const condition = fc.constantFrom(
  'true',
  'false',
  "'admin' in user.roles",
  "user.metadata.plan == 'paid'",
  "has(user.metadata.plan) && user.metadata.plan == 'paid'",
  'user.metadata.flag',
  "now - user.timeJoined > duration('1h')",
  'user.emails.exists(email, email == user.id)',
  'session.firstFactor in tenant.requiredSecondaryFactors',
  '1 / size(user.roles) == 1',
);

const requirement = fc.oneof(factor, fc.record({ oneOf: some }), fc.record({ allOfInAnyOrder: some }));
const rule = fc
  .record({
    when: fc.option(condition, { nil: undefined }),
    asks: fc.oneof(
      fc.record({ require: fc.array(requirement, { minLength: 1, maxLength: 3 }) }),
      fc.record({ requireFrom: fc.constantFrom('user', 'tenant') }),
    ),
  })
  .map(({ when, asks }) => ({ ...(when === undefined ? {} : { when }), ...asks }));

const policyOf = (rules: readonly object[], merge?: 'all' | 'any'): Policy =>
  v.parse(PolicySchema, { rules: rules.map((one, i) => ({ id: `r${i}`, ...one })), ...(merge ? { merge } : {}) });

const facts: fc.Arbitrary<Facts> = fc.record({
  user: fc.record({
    id: text,
    roles: fc.array(fc.oneof(text, fc.constant('admin'))),
    permissions: fc.array(text),
    emails: fc.array(text),
    phones: fc.array(text),
    requiredFactors: factors,
    metadata: fc.dictionary(fc.oneof(text, fc.constantFrom('plan', 'flag', '__proto__')), anything),
    timeJoined: time,
    factorsSetUp: factors,
  }),
  tenant: fc.record({ id: text, requiredSecondaryFactors: factors, metadata: fc.dictionary(text, anything) }),
  session: fc.record({
    firstFactor: factor,
    completed: factors.map((list) => Object.fromEntries(list.map((id) => [id, 1]))),
    isNewDevice: fc.boolean(),
  }),
  request: fc.record({ ip: text, country: text, userAgent: text }),
  now: time,
});

type Switches = Pick<EvaluatedTenant, 'firstEnrolment' | 'distinctChannels' | 'secondFactors'>;
const switches: fc.Arbitrary<Switches> = fc.record({
  firstEnrolment: fc.constantFrom('proof' as const, 'open' as const),
  distinctChannels: fc.boolean(),
  secondFactors: factors,
});

const tenantWith = async (policy: Policy, about: Switches): Promise<EvaluatedTenant> => ({
  policy: await compiled(policy),
  ...about,
});

describe('merging the two lists', { timeout: 60_000 }, () => {
  it('weakens no rule of another kind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rule, { maxLength: 4 }), facts, async (rules, about) => {
        const own = async (merge: 'all' | 'any') =>
          requirementsFor(await compiled(policyOf(rules, merge)), about)
            .demands.filter(({ origins }) => origins[0]?.startsWith('rule:'))
            .map((demand) => demand.requirement);
        expect(await own('any')).toEqual(await own('all'));
      }),
    );
  });
});

describe('the evaluator', { timeout: 60_000 }, () => {
  it('answers for any facts whatever', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(rule, { maxLength: 5 }),
        fc.constantFrom('all' as const, 'any' as const),
        switches,
        facts,
        async (rules, merge, given, about) => {
          const evaluation = evaluate(await tenantWith(policyOf(rules, merge), given), about);
          const { requirements } = evaluation.decision;
          expect(evaluation.claim.v).toBe(evaluation.next.length === 0);
          const { firstFactor, completed } = about.session;
          const isMet = requirements.every((one) => unmet(one, completed).length === 0);
          if (!given.distinctChannels) expect(evaluation.claim.v).toBe(isMet);
          // Nothing that went the way the session began counts: without it all is met, or something else was done.
          const others = Object.entries(completed).filter(([id]) => !isSameWay(id, firstFactor));
          const isMetByOthers = requirements.every((one) => unmet(one, Object.fromEntries(others)).length === 0);
          if (given.distinctChannels && evaluation.claim.v) expect(isMetByOthers || others.length > 0).toBe(true);
          if (given.distinctChannels && isMetByOthers) expect(evaluation.claim.v).toBe(true);
          for (const id of ['otp-email', 'otp-phone', 'totp']) {
            expect(['string', 'undefined']).toContain(typeof setupRefusal(evaluation, about, id));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('asks whoever a condition fails for', async () => {
    await fc.assert(
      fc.asyncProperty(condition, facts, async (when, about) => {
        const decision = requirementsFor(await compiled(policyOf([{ when, require: ['totp'] }])), about);
        expect(decision.faults.length === 0 || decision.because.includes('r0')).toBe(true);
        expect(decision.because.length).toBe(decision.requirements.length);
      }),
    );
  });
});
