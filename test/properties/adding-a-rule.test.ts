/**
 * What a sign-in is asked only grows with the rules: one more asks nobody for less, one that observes asks nobody for
 * anything, and neither the order of rules nor saving them again moves anybody in or out of a roll-out.
 *
 * Why: an operator adds a rule to be stricter, or to watch. Were there one account that it lets in, or one that it asks
 * by being moved up a line, nobody could add a rule without going through all accounts.
 */
import * as fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type EvaluatedTenant, evaluate } from '../../shared/mfa/evaluate.ts';
import type { Facts } from '../../shared/mfa/facts.ts';
import { compilePolicy } from '../../shared/mfa/compile-policy.ts';
import type { CompiledPolicy } from '../../shared/mfa/policy.ts';
import { PolicySchema } from '../../shared/mfa/policy-schema.ts';

const NUM_RUNS = 400;
const SECOND = ['otp-email', 'otp-phone', 'totp'] as const;
const factor = fc.constantFrom(...SECOND, 'backup-code', 'webauthn');
const some = <T>(values: readonly T[]) => fc.subarray([...values]);
const requirement = fc.oneof(
  factor,
  fc.record({ oneOf: fc.array(factor, { minLength: 1, maxLength: 3 }) }),
  fc.record({ allOfInAnyOrder: fc.array(factor, { minLength: 1, maxLength: 3 }) }),
);
const condition = fc.constantFrom(
  "'admin' in user.roles",
  "user.metadata.plan == 'paid'",
  "session.firstFactor == 'otp-email'",
  "'totp' in session.completed",
  'session.isNewDevice',
  "inNetwork(request.ip, '10.0.0.0/8')",
  'false',
);
const terms = {
  when: fc.option(condition, { nil: undefined, freq: 1 }),
  unless: fc.option(condition, { nil: undefined, freq: 1 }),
  rollout: fc.constantFrom(undefined, undefined, 0, 50, 100),
  from: fc.constantFrom(undefined, undefined, '1970-01-01', '2400-01-01'),
  graceDays: fc.constantFrom(undefined, undefined, 30),
  rememberable: fc.constantFrom(undefined, undefined, false, true),
};
const rule = fc.oneof(
  { weight: 3, arbitrary: fc.record({ ...terms, require: fc.array(requirement, { minLength: 1, maxLength: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ ...terms, requireFrom: fc.constantFrom('user' as const, 'tenant' as const) }) },
);
type Rule = (typeof rule extends fc.Arbitrary<infer R> ? R : never) & {
  readonly id: string;
  readonly mode?: 'observe';
};
const rules = fc
  .array(rule, { minLength: 1, maxLength: 5 })
  .map((list): readonly Rule[] => list.map((one, i) => ({ ...one, id: `r${i}` })));
const added = rule.map((one): Rule => ({ ...one, id: 'added' }));

const shown = fc.dictionary(factor, fc.constant(1));
const facts: fc.Arbitrary<Facts> = fc
  .record({
    user: fc.record(
      {
        id: fc.uuid(),
        roles: some(['admin']),
        permissions: fc.constant([]),
        emails: some(['a@example.com']),
        phones: some(['+36301234567']),
        requiredFactors: some(SECOND),
        metadata: fc.constantFrom({}, { plan: 'paid' }),
        timeJoined: fc.constant(0),
        factorsSetUp: some(['emailpassword', ...SECOND, 'backup-code']),
        owedFactors: some(['totp']),
        grace: fc.dictionary(fc.constantFrom('r0', 'r1', 'added'), fc.constantFrom(1, 9e14)),
        exemption: fc.constantFrom({ until: 1, reason: 'over' }, { until: 9e14, reason: 'lost phone' }),
      },
      {
        requiredKeys: [
          'id',
          'roles',
          'permissions',
          'emails',
          'phones',
          'requiredFactors',
          'metadata',
          'timeJoined',
          'factorsSetUp',
        ],
      },
    ),
    tenant: fc.record({
      id: fc.constant('public'),
      requiredSecondaryFactors: some(SECOND),
      metadata: fc.constant({}),
    }),
    firstFactor: fc.constantFrom('emailpassword', 'emailpassword', 'otp-email', 'thirdparty'),
    completed: shown,
    trusted: fc.option(shown, { nil: undefined }),
    isNewDevice: fc.boolean(),
    request: fc.record({ ip: fc.constantFrom('', '10.1.2.3'), country: fc.constant(''), userAgent: fc.constant('') }),
    now: fc.constant(Date.UTC(2026, 0, 1)),
  })
  .map(({ firstFactor, completed, trusted, isNewDevice, ...rest }) => ({
    ...rest,
    session: {
      firstFactor,
      completed: { [firstFactor]: 1, ...completed },
      isNewDevice,
      ...(trusted === undefined ? {} : { trusted }),
    },
  }));
const terrain = fc.record({
  firstEnrolment: fc.constantFrom('proof' as const, 'open' as const),
  distinctChannels: fc.boolean(),
  secondFactors: some([...SECOND, 'backup-code']),
  backupCodeReplaces: some(SECOND),
});

async function compiled(list: readonly Rule[]): Promise<CompiledPolicy> {
  const policy = await compilePolicy(v.parse(PolicySchema, JSON.parse(JSON.stringify({ rules: list }))));
  if (!('rules' in policy)) throw new Error('the generated policy does not compile');
  return policy;
}

type Terrain = Omit<EvaluatedTenant, 'policy'>;
const asked = async (list: readonly Rule[], ground: Terrain, about: Facts) =>
  evaluate({ ...ground, policy: await compiled(list) }, about);

describe('one rule more', () => {
  it('lets nobody in who was not, wherever it stands', async () => {
    await fc.assert(
      fc.asyncProperty(rules, added, fc.nat(5), terrain, facts, async (before, more, at, ground, about) => {
        const was = await asked(before, ground, about);
        const is = await asked(before.toSpliced(at, 0, more), ground, about);
        if (!was.claim.v) expect(is.claim.v).toBe(false);
        // Each requirement as often as before, whatever stands for it.
        const left = is.decision.requirements.map((one) => JSON.stringify(one));
        for (const one of was.decision.requirements) {
          const found = left.indexOf(JSON.stringify(one));
          expect(found).toBeGreaterThanOrEqual(0);
          left.splice(found, 1);
        }
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('that matches and asks for what was not shown is asked of everybody', async () => {
    const always: Rule = { id: 'added', require: ['webauthn'] } as Rule;
    await fc.assert(
      fc.asyncProperty(rules, fc.nat(5), terrain, facts, async (before, at, ground, about) => {
        const { exemption: _, ...user } = about.user;
        const { webauthn: __, ...completed } = about.session.completed;
        const { trusted: ___, ...session } = about.session;
        const plain: Facts = { ...about, user, session: { ...session, completed } };
        expect((await asked(before.toSpliced(at, 0, always), ground, plain)).claim.v).toBe(false);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('that observes changes nothing but what is reported', async () => {
    await fc.assert(
      fc.asyncProperty(rules, added, fc.nat(5), terrain, facts, async (before, more, at, ground, about) => {
        const was = await asked(before, ground, about);
        const is = await asked(before.toSpliced(at, 0, { ...more, mode: 'observe' }), ground, about);
        const said = ({ decision: { demands, requirements, waivers, because, graceStarts }, ...rest }: typeof was) => ({
          ...rest,
          decision: { demands, requirements, waivers, because, graceStarts },
        });
        expect(said(is)).toEqual(said(was));
        // It says of whom it would ask what the rule in force says of whom it asks.
        const enforced = await asked(before.toSpliced(at, 0, more), ground, about);
        expect(is.decision.observed).toEqual(enforced.decision.because.filter((id) => id === 'added'));
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

describe('a roll-out', () => {
  const shares = fc
    .array(fc.constantFrom(0, 5, 25, 50, 80, 100), { minLength: 1, maxLength: 5 })
    .map((list) => list.map((rollout, i) => ({ id: `r${i}`, rollout, require: ['totp' as const] })));
  const people = fc.array(fc.uuid(), { minLength: 20, maxLength: 20 });

  /** By rule, whom it asks. */
  async function reached(list: readonly object[], ids: readonly string[], about: Facts) {
    const policy = await compiled(list as readonly Rule[]);
    return Object.fromEntries(
      policy.rules.map(({ rule: { id } }) => [
        id,
        ids.filter((userId) => {
          const ground = { firstEnrolment: 'proof', distinctChannels: true, secondFactors: SECOND } as const;
          const { decision } = evaluate({ ...ground, policy }, { ...about, user: { ...about.user, id: userId } });
          return decision.because.includes(id);
        }),
      ]),
    );
  }

  it('asks the same people after the rules were put in another order, and saved again', async () => {
    await fc.assert(
      fc.asyncProperty(shares, people, facts, fc.infiniteStream(fc.nat()), async (list, ids, about, dice) => {
        const shuffled = list
          .map((one) => ({ one, at: dice.next().value }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ one: { id, rollout, require } }) => ({ require, rollout, id }));
        expect(await reached(shuffled, ids, about)).toEqual(await reached(list, ids, about));
      }),
      { numRuns: 100 },
    );
  });

  it('asks nobody less who was asked, whichever shares grow and whatever rules are added or taken away beside them', async () => {
    await fc.assert(
      fc.asyncProperty(shares, people, facts, fc.nat(50), fc.boolean(), async (list, ids, about, more, isAlone) => {
        const grown = list.map((one) => ({ ...one, rollout: Math.min(100, one.rollout + more) }));
        const beside = isAlone ? grown.slice(0, 1) : [{ id: 'new', require: ['otp-phone'] }, ...grown];
        const before = await reached(list, ids, about);
        const after = await reached(beside, ids, about);
        for (const [id, who] of Object.entries(after)) {
          if (id !== 'new') expect(who).toEqual(expect.arrayContaining(before[id] ?? []));
        }
        // Those who are asked at 100 are all there are.
        for (const { id, rollout } of list) if (rollout === 100) expect(before[id]).toEqual(ids);
      }),
      { numRuns: 100 },
    );
  });
});
