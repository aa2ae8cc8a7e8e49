/**
 * Adding a rule never removes a requirement, and the evaluator answers whatever the facts.
 *
 * Why: two lists merged into one `oneOf` let the weaker factor satisfy the stricter rule; here rules only ever add, and
 * a condition that cannot be evaluated counts as met.
 */
import * as fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../shared/mfa/facts.ts';
import { compilePolicy } from '../../shared/mfa/compile-policy.ts';
import { type CompiledPolicy, requirementsFor } from '../../shared/mfa/policy.ts';
import { PolicySchema } from '../../shared/mfa/policy-schema.ts';
import { withBackupCode } from '../../shared/mfa/backup-code.ts';
import { nextFactors } from '../../shared/mfa/requirements.ts';

const factor = fc.constantFrom('otp-email', 'otp-phone', 'totp', 'webauthn');
const requirement = fc.oneof(
  factor,
  fc.record({ oneOf: fc.array(factor, { minLength: 1, maxLength: 3 }) }),
  fc.record({ allOfInAnyOrder: fc.array(factor, { minLength: 1, maxLength: 3 }) }),
);
const when = fc.constantFrom(
  undefined,
  "'admin' in user.roles",
  "has(user.metadata.plan) && user.metadata.plan == 'paid'",
  "user.metadata.plan == 'paid'",
  "user.emails.exists(e, e.endsWith('@example.com'))",
  "'otp-email' in tenant.requiredSecondaryFactors",
  "session.firstFactor == 'emailpassword'",
  'false',
);
/** Shares and graces go by the rule's id: it stays when rules are added beside it. */
const terms = {
  id: fc.constant<string>('added'),
  when,
  unless: when,
  rollout: fc.constantFrom(undefined, 0, 50, 100),
  from: fc.constantFrom(undefined, '1970-01-01', '1970-01-13', '2400-01-01'),
  graceDays: fc.constantFrom(undefined, 1, 30),
  mode: fc.constantFrom(undefined, 'enforce' as const, 'observe' as const),
  rememberable: fc.constantFrom(undefined, false),
};
const rule = fc.oneof(
  fc.record({ ...terms, require: fc.array(requirement, { minLength: 1, maxLength: 3 }) }),
  fc.record({ ...terms, requireFrom: fc.constantFrom('user' as const, 'tenant' as const) }),
);
type Rule = typeof rule extends fc.Arbitrary<infer R> ? R : never;
const rules = fc
  .array(rule, { maxLength: 6 })
  .map((list): readonly Rule[] => list.map((one, i) => ({ ...one, id: `r${i}` })));

const user: fc.Arbitrary<Facts['user']> = fc.record({
  id: fc.uuid(),
  roles: fc.subarray(['admin', 'owner']),
  permissions: fc.subarray(['read']),
  emails: fc.subarray(['a@example.com', 'b@example.org']),
  phones: fc.subarray(['+36301234567']),
  requiredFactors: fc.subarray(['otp-email', 'totp']),
  metadata: fc.dictionary(
    fc.constantFrom('plan', 'seats'),
    fc.oneof(fc.constant('paid'), fc.jsonValue()),
  ) as fc.Arbitrary<Record<string, unknown>>,
  timeJoined: fc.nat(),
  factorsSetUp: fc.subarray(['emailpassword', 'otp-email']),
  grace: fc.dictionary(fc.constantFrom('r0', 'r1', 'r2'), fc.nat()),
});

const exempt = fc
  .tuple(user, fc.nat())
  .map(([one, until]): Facts['user'] => ({ ...one, exemption: { until, reason: 'lost phone' } }));

const facts: fc.Arbitrary<Facts> = fc.record({
  user: fc.oneof({ weight: 4, arbitrary: user }, { weight: 1, arbitrary: exempt }),
  tenant: fc.record({
    id: fc.constant('public'),
    requiredSecondaryFactors: fc.subarray(['otp-email', 'otp-phone']),
    metadata: fc.constant({}),
  }),
  session: fc.record({
    firstFactor: fc.constant('emailpassword'),
    completed: fc.dictionary(factor, fc.nat()),
    isNewDevice: fc.boolean(),
  }),
  request: fc.record({ ip: fc.ipV4(), country: fc.constant(''), userAgent: fc.string() }),
  now: fc.nat(),
});

async function policyOf(given: readonly object[]): Promise<CompiledPolicy> {
  const compiled = await compilePolicy(v.parse(PolicySchema, JSON.parse(JSON.stringify({ rules: given }))));
  if (!('rules' in compiled)) throw new Error('the generated policy does not compile');
  return compiled;
}

describe('strictest wins', () => {
  it('keeps every requirement when a rule is added, wherever it is put', async () => {
    await fc.assert(
      fc.asyncProperty(rules, rule, fc.nat(6), facts, async (before, added, at, about) => {
        const after = before.toSpliced(at, 0, added);
        const asked = requirementsFor(await policyOf(before), about).requirements.map((one) => JSON.stringify(one));
        const now = requirementsFor(await policyOf(after), about).requirements.map((one) => JSON.stringify(one));
        for (const one of new Set(asked)) {
          const count = (list: readonly string[]) => list.filter((other) => other === one).length;
          expect(count(now)).toBeGreaterThanOrEqual(count(asked));
        }
      }),
      { numRuns: 400 },
    );
  });

  it('never turns somebody who was asked into somebody who is not', async () => {
    await fc.assert(
      fc.asyncProperty(rules, rule, facts, async (before, added, about) => {
        const owed = (given: readonly Rule[]) =>
          policyOf(given).then((policy) =>
            nextFactors(requirementsFor(policy, about).requirements, about.session.completed),
          );
        if ((await owed(before)).length > 0) expect((await owed([...before, added])).length).toBeGreaterThan(0);
      }),
      { numRuns: 400 },
    );
  });

  it('never lets a backup code pass where it did not before', async () => {
    const replaces = fc.subarray(['totp', 'otp-email', 'otp-phone']);
    await fc.assert(
      fc.asyncProperty(rules, rule, fc.nat(6), replaces, facts, async (before, added, at, replaced, about) => {
        const counted = { ...about.session.completed, 'backup-code': 1 };
        const { factorsSetUp } = about.user;
        const owed = async (given: readonly Rule[]) => {
          const { requirements } = requirementsFor(await policyOf(given), about);
          return nextFactors(withBackupCode(requirements, replaced, { counted, factorsSetUp }), counted);
        };
        if ((await owed(before)).length > 0) {
          expect((await owed(before.toSpliced(at, 0, added))).length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('counts an exception that fails as none, and says so', async () => {
    await fc.assert(
      fc.asyncProperty(facts, async (about) => {
        const { exemption: _, ...rest } = about.user;
        const plain: Facts = { ...about, user: rest };
        const policy = await policyOf([{ id: 'r', unless: "user.metadata.plan == 'paid'", require: ['totp'] }]);
        const { requirements, faults } = requirementsFor(policy, plain);
        const isPaid = about.user.metadata['plan'] === 'paid';
        expect(requirements).toEqual(isPaid ? [] : ['totp']);
        if (!Object.hasOwn(about.user.metadata, 'plan')) expect(faults).toHaveLength(1);
      }),
    );
  });

  it('counts a condition that fails as met, and says so', async () => {
    await fc.assert(
      fc.asyncProperty(facts, async (about) => {
        const policy = await policyOf([{ id: 'r', when: "user.metadata.plan == 'paid'", require: ['totp'] }]);
        const { requirements, faults } = requirementsFor(policy, about);
        const isExempt = about.user.exemption !== undefined && about.now < about.user.exemption.until;
        if (faults.length > 0) expect(requirements).toEqual(isExempt ? [] : ['totp']);
        if (!Object.hasOwn(about.user.metadata, 'plan')) expect(faults).toHaveLength(1);
      }),
    );
  });
});
