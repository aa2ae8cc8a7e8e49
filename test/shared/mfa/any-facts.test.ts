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
import { type Completed, unmet } from '../../../shared/mfa/requirements.ts';
import { compiled, NOW } from './facts.ts';

const FACTORS = ['emailpassword', 'otp-email', 'otp-phone', 'totp', 'backup-code', 'custom', 'constructor'];
const factor = fc.constantFrom(...FACTORS);
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
  "inNetwork(request.ip, '203.0.113.0/24')",
  'inNetwork(request.ip, user.id)',
  "request.country in ['HU', 'AT']",
  'session.isNewDevice',
  'size(user.permissions) > 0 && tenant.metadata.size() > 0',
);

const requirement = fc.oneof(factor, fc.record({ oneOf: some }), fc.record({ allOfInAnyOrder: some }));
const rule = fc
  .record({
    // A field that is undefined is one that is not there.
    fields: fc.record({
      when: fc.option(condition, { nil: undefined }),
      unless: fc.option(condition, { nil: undefined }),
      rollout: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
      from: fc.constantFrom(undefined, '2025-12-31', '2026-01-01T13:00:00+01:00', '2027-01-01'),
      graceDays: fc.option(fc.integer({ min: 1, max: 365 }), { nil: undefined }),
      rememberable: fc.constantFrom(undefined, true, false),
      mode: fc.constantFrom(undefined, 'enforce', 'observe'),
    }),
    asks: fc.oneof(
      fc.record({ require: fc.array(requirement, { minLength: 1, maxLength: 3 }) }),
      fc.record({ requireFrom: fc.constantFrom('user', 'tenant') }),
    ),
  })
  .map(({ fields, asks }) => ({ ...JSON.parse(JSON.stringify(fields)), ...asks }));

const policyOf = (rules: readonly object[], merge?: 'all' | 'any'): Policy =>
  v.parse(PolicySchema, { rules: rules.map((one, i) => ({ id: `r${i}`, ...one })), ...(merge ? { merge } : {}) });

/** What every user has; the rest is there for some. */
const REQUIRED_OF_USER = [
  'id',
  'roles',
  'permissions',
  'emails',
  'phones',
  'requiredFactors',
  'metadata',
  'timeJoined',
  'factorsSetUp',
] as const;
const shown = factors.map((list) => Object.fromEntries(list.map((id) => [id, 1])));

const facts: fc.Arbitrary<Facts> = fc.record({
  user: fc.record(
    {
      id: text,
      roles: fc.array(fc.oneof(text, fc.constant('admin'))),
      permissions: fc.array(text),
      emails: fc.array(text),
      phones: fc.array(text),
      requiredFactors: factors,
      metadata: fc.dictionary(fc.oneof(text, fc.constantFrom('plan', 'flag', '__proto__')), anything),
      timeJoined: time,
      factorsSetUp: factors,
      owedFactors: factors,
      grace: fc.dictionary(fc.constantFrom('r0', 'r1', 'r2', 'constructor', '__proto__'), time),
      exemption: fc.record({ until: time, reason: text }),
    },
    { requiredKeys: [...REQUIRED_OF_USER] },
  ),
  tenant: fc.record({ id: text, requiredSecondaryFactors: factors, metadata: fc.dictionary(text, anything) }),
  session: fc.record(
    { firstFactor: factor, completed: shown, isNewDevice: fc.boolean(), trusted: shown },
    { requiredKeys: ['firstFactor', 'completed', 'isNewDevice'] },
  ),
  request: fc.record({
    ip: fc.oneof(text, fc.ipV4(), fc.ipV6()),
    country: fc.oneof(text, fc.constantFrom('', 'HU', 'NO')),
    userAgent: text,
  }),
  now: time,
});

type Switches = Required<Omit<EvaluatedTenant, 'policy'>>;
const switches: fc.Arbitrary<Switches> = fc.record({
  firstEnrolment: fc.constantFrom('proof' as const, 'open' as const),
  distinctChannels: fc.boolean(),
  secondFactors: factors,
  backupCodeReplaces: fc.subarray(['otp-email', 'otp-phone', 'totp']),
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
          // What is owed after a reset comes before all that policy asks, and nothing waives it.
          const { owedFactors: owed = [] } = about.user;
          const asked =
            firstFactor === 'emailpassword' && owed.length > 0 ? [{ oneOf: owed }, ...requirements] : requirements;
          const isMetBy = (done: Completed) => asked.every((one) => unmet(one, done).length === 0);
          // A backup code may stand in, where it was shown and the tenant lets it.
          const mayStandIn = given.backupCodeReplaces.length > 0 && Object.hasOwn(completed, 'backup-code');
          if (!given.distinctChannels && !mayStandIn) expect(evaluation.claim.v).toBe(isMetBy(completed));
          if (!given.distinctChannels && isMetBy(completed)) expect(evaluation.claim.v).toBe(true);
          // Nothing that went the way the session began counts: without it all is met, or something else was done.
          const others = Object.entries(completed).filter(([id]) => !isSameWay(id, firstFactor));
          const isMetByOthers = isMetBy(Object.fromEntries(others));
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

  it('asks what is demanded or says what stands for it, and spares who is exempt everything of the policy', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rule, { maxLength: 4 }), facts, async (rules, about) => {
        const { demands, requirements, waivers, graceStarts } = requirementsFor(await compiled(policyOf(rules)), about);
        expect(requirements.length + waivers.length).toBe(demands.length);
        for (const { by } of waivers) {
          if (by === 'exemption') expect(about.user.exemption).toBeDefined();
          if (by === 'trusted-device') expect(about.session.trusted).toBeDefined();
          if (by === 'grace') expect(rules.some((one) => 'graceDays' in one)).toBe(true);
        }
        if (about.now < (about.user.exemption?.until ?? Number.NaN)) {
          expect([requirements, graceStarts]).toEqual([[], []]);
        }
      }),
    );
  });

  it('asks whoever a condition fails for', async () => {
    await fc.assert(
      fc.asyncProperty(condition, facts, async (when, about) => {
        const decision = requirementsFor(await compiled(policyOf([{ when, require: ['totp'] }])), about);
        expect(decision.faults.length === 0 || decision.because.includes('r0')).toBe(true);
        expect(decision.because.length).toBe(decision.requirements.length + decision.waivers.length);
      }),
    );
  });
});
