import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../shared/mfa/evaluate.ts';
import { compilePolicy } from '../../../shared/mfa/compile-policy.ts';
import { type Policy, PolicySchema } from '../../../shared/mfa/policy-schema.ts';
import { requirementsFor } from '../../../shared/mfa/policy.ts';
import { isReached } from '../../../shared/mfa/rollout.ts';
import { compiled, done, facts, NOW, tenant } from './facts.ts';

type About = Parameters<typeof facts>[0];

const parsed = (document: unknown): Policy => v.parse(PolicySchema, document);
const decide = async (rule: object, about: About = {}) =>
  requirementsFor(await compiled(parsed({ rules: [{ id: 'r', require: ['otp-email'], ...rule }] })), facts(about));

const admin = { user: { roles: ['admin'] } };
const IS_ADMIN = "'admin' in user.roles";
/** 2026-01-01T12:00:00Z is `NOW`. */
const TOMORROW = '2026-01-02';

describe('why a rule matched, or did not', () => {
  it.each<[string, object, About, boolean, string]>([
    ['no condition', {}, {}, true, 'always'],
    ['a condition that is met', { when: IS_ADMIN }, admin, true, 'condition'],
    ['a condition that is not', { when: IS_ADMIN }, {}, false, 'condition'],
    ['a condition that fails', { when: 'user.metadata.flag' }, {}, true, 'fault'],
    ['an exception that is met', { unless: IS_ADMIN }, admin, false, 'unless'],
    ['an exception that is not', { unless: IS_ADMIN }, {}, true, 'always'],
    ['an exception that fails', { unless: 'user.metadata.flag' }, {}, true, 'fault'],
    ['an exception to a condition', { when: IS_ADMIN, unless: "user.id == 'u1'" }, admin, false, 'unless'],
    ['an exception to a condition that fails', { when: 'user.metadata.flag', unless: 'true' }, {}, false, 'unless'],
    ['a day to come', { from: TOMORROW }, {}, false, 'from'],
    ['a day that began', { from: '2026-01-01' }, {}, true, 'always'],
    ['a day to come for whom the rule does not mean', { from: TOMORROW, when: IS_ADMIN }, {}, false, 'condition'],
    ['a moment to come', { from: '2026-01-01T12:00:00.001Z' }, {}, false, 'from'],
    ['this very moment', { from: '2026-01-01T13:00:00+01:00' }, {}, true, 'always'],
    ['no share', { rollout: 0 }, {}, false, 'rollout'],
    ['the whole share', { rollout: 100 }, {}, true, 'always'],
    ['a share of whom the rule does not mean', { rollout: 0, when: IS_ADMIN }, {}, false, 'condition'],
    ['a share of a rule to come', { rollout: 0, from: TOMORROW }, {}, false, 'from'],
    ['a time that is none', { from: TOMORROW }, { now: Number.NaN }, true, 'always'],
  ])('%s', async (_, rule, about, matched, because) => {
    const decision = await decide(rule, about);
    expect(decision.rules).toEqual([{ ruleId: 'r', matched, because, mode: 'enforce' }]);
    expect(decision.because).toEqual(matched ? ['r'] : []);
    expect(decision.requirements).toEqual(matched ? ['otp-email'] : []);
  });

  it('tells every rule in order', async () => {
    const rules = [
      { id: 'a', require: ['totp'] },
      { id: 'b', when: 'false', require: ['totp'] },
      { id: 'c', mode: 'observe', require: ['totp'] },
    ];
    expect(requirementsFor(await compiled(parsed({ rules })), facts()).rules).toEqual([
      { ruleId: 'a', matched: true, because: 'always', mode: 'enforce' },
      { ruleId: 'b', matched: false, because: 'condition', mode: 'enforce' },
      { ruleId: 'c', matched: true, because: 'always', mode: 'observe' },
    ]);
  });

  it('reports what cannot be evaluated of an exception as such', async () => {
    const { faults } = await decide({ when: 'user.metadata.a', unless: 'user.metadata.b' });
    expect(faults).toEqual([
      { ruleId: 'r', message: expect.not.stringMatching(/^unless: /) },
      { ruleId: 'r', message: expect.stringMatching(/^unless: /) },
    ]);
  });
});

describe('mode observe', () => {
  it('demands nothing, begins no grace, and is reported', async () => {
    const decision = await decide({ mode: 'observe', graceDays: 7 });
    expect(decision).toMatchObject({ demands: [], requirements: [], because: [], observed: ['r'], graceStarts: [] });
  });

  it('is not reported where the rule does not match', async () => {
    expect((await decide({ mode: 'observe', when: 'false' })).observed).toEqual([]);
  });
});

describe('a roll-out', () => {
  it('reaches people by their id and the rule’s, as documented', () => {
    // printf 'u1\0r' | sha256sum
    const place = (0xbd_f8_41_9f / 2 ** 32) * 100;
    expect([isReached('u1', 'r', place), isReached('u1', 'r', place + 1e-9)]).toEqual([false, true]);
  });
});

describe('graceDays', () => {
  const DAY = 86_400_000;
  const until = NOW + 7 * DAY;
  const week = { graceDays: 7 };
  const standing = (at: number): About => ({ user: { grace: { r: at } } });

  it('waives what the user has not set up, and begins', async () => {
    const decision = await decide(week);
    expect(decision.requirements).toEqual([]);
    expect(decision.waivers).toEqual([{ requirement: 'otp-email', origins: ['rule:r'], by: 'grace', until }]);
    expect(decision.graceStarts).toEqual([{ ruleId: 'r', until }]);
    expect(decision.because).toEqual(['r']);
  });

  it.each<[string, About, readonly string[]]>([
    ['a deadline to come', standing(NOW + 1), []],
    ['a deadline that is now', standing(NOW), ['otp-email']],
    ['a deadline that has passed', standing(NOW - 1), ['otp-email']],
    ['a deadline later than it would be now', standing(NOW + 100 * DAY), []],
    ['a time that is none', { ...standing(NOW + DAY), now: Number.NaN }, ['otp-email']],
  ])('counts from what stands: %s', async (_, about, requirements) => {
    const decision = await decide(week, about);
    expect(decision.requirements).toEqual(requirements);
    expect(decision.graceStarts).toEqual([]);
  });

  it('is not for who has set up what is asked, and begins for them as well: what is lost later finds it over', async () => {
    const decision = await decide(week, { user: { factorsSetUp: ['emailpassword', 'otp-email'] } });
    expect(decision.requirements).toEqual(['otp-email']);
    expect(decision.graceStarts).toEqual([{ ruleId: 'r', until }]);
  });

  it.each<[string, object, readonly string[], boolean]>([
    ['one of a choice is set up', { oneOf: ['totp', 'otp-email'] }, ['totp'], false],
    ['none of a choice is', { oneOf: ['totp', 'otp-email'] }, ['otp-phone'], true],
    ['one of several is', { allOfInAnyOrder: ['totp', 'otp-email'] }, ['totp'], true],
    ['all of several are', { allOfInAnyOrder: ['totp', 'otp-email'] }, ['totp', 'otp-email'], false],
  ])('where %s', async (_, requirement, factorsSetUp, isWaived) => {
    const decision = await decide({ ...week, require: [requirement] }, { user: { factorsSetUp } });
    expect(decision.requirements).toEqual(isWaived ? [] : [requirement]);
  });

  it('holds where the one factor that is set up is how the session began', async () => {
    const at = await tenant(parsed({ rules: [{ id: 'r', require: ['otp-email'], ...week }] }));
    const mailbox = { session: { firstFactor: 'otp-email', completed: done('otp-email') } };
    const user = { factorsSetUp: ['otp-email'] };
    expect(evaluate(at, facts({ ...mailbox, user })).claim.v).toBe(true);
    expect(evaluate(at, facts({ ...mailbox, user: { factorsSetUp: ['otp-email', 'otp-phone'] } })).next).toEqual([
      'otp-phone',
    ]);
  });

  it('begins with the first demand, not with a list that is empty', async () => {
    const policy = await compiled(parsed({ rules: [{ id: 'r', requireFrom: 'user', ...week }] }));
    expect(requirementsFor(policy, facts()).graceStarts).toEqual([]);
    const asked = requirementsFor(policy, facts({ user: { requiredFactors: ['totp'] } }));
    expect(asked.graceStarts).toHaveLength(1);
  });

  it('of one rule does nothing for another that asks the same', async () => {
    const rules = [
      { id: 'soft', require: ['otp-email'], ...week },
      { id: 'hard', require: ['otp-email'] },
    ];
    const decision = requirementsFor(await compiled(parsed({ rules })), facts());
    expect(decision.requirements).toEqual(['otp-email']);
    expect(decision.waivers.map(({ origins }) => origins)).toEqual([['rule:soft']]);
  });

  it.each([
    ['both give one: the earlier counts', { graceDays: 3 }, NOW + 3 * DAY],
    ['one gives none: there is none', {}, undefined],
  ])('of merged lists, where %s', async (_, terms, end) => {
    const rules = [
      { id: 'u', requireFrom: 'user', ...week },
      { id: 't', requireFrom: 'tenant', ...terms },
    ];
    const about = { user: { requiredFactors: ['totp'] }, tenant: { requiredSecondaryFactors: ['otp-email'] } };
    const { demands } = requirementsFor(await compiled(parsed({ rules, merge: 'any' })), facts(about));
    expect(demands.map((demand) => demand.graceUntil)).toEqual([end]);
  });

  it('reads no deadline that every object has', async () => {
    const rules = [{ id: 'constructor', require: ['otp-email'], ...week }];
    const decision = requirementsFor(await compiled(parsed({ rules })), facts({ user: { grace: {} } }));
    expect(decision.graceStarts).toEqual([{ ruleId: 'constructor', until }]);
  });
});

describe('an exemption', () => {
  const until = NOW + 1;
  const exempt = { exemption: { until, reason: 'lost phone' } };

  it('waives all the policy asks, what is set up and what is always asked included', async () => {
    const about = { user: { ...exempt, factorsSetUp: ['otp-email'] } };
    const decision = await decide({ rememberable: false, graceDays: 7 }, about);
    expect(decision.requirements).toEqual([]);
    expect(decision.waivers).toEqual([{ requirement: 'otp-email', origins: ['rule:r'], by: 'exemption', until }]);
    expect(decision.graceStarts).toEqual([]);
  });

  it.each([0, -1])('is over at its end (%i ms before it)', async (left) => {
    const about = { user: { exemption: { until: NOW + left, reason: 'x' } } };
    expect((await decide({}, about)).requirements).toEqual(['otp-email']);
  });

  it('does not pay what a password from an unproven address owes', async () => {
    const at = await tenant(parsed({ rules: [] }));
    const user = { ...exempt, owedFactors: ['otp-email'], factorsSetUp: ['otp-email'] };
    expect(evaluate(at, facts({ user })).next).toEqual(['otp-email']);
  });
});

describe('PolicySchema, rule fields', () => {
  const takes = (fields: object, policy: object = {}) =>
    v.safeParse(PolicySchema, { rules: [{ id: 'r', require: ['totp'], ...fields }], ...policy }).success;

  it.each([
    { rollout: 0 },
    { rollout: 12.5 },
    { rollout: 100 },
    { from: '2028-02-29' },
    { from: '2026-06-01T08:00Z' },
    { from: '2026-06-01T08:00:00.250+02:00' },
    { graceDays: 1 },
    { graceDays: 365 },
    { unless: 'true' },
    { mode: 'observe' },
    { mode: 'enforce' },
  ])('takes %j', (fields) => expect(takes(fields)).toBe(true));

  it.each([
    { rollout: -1 },
    { rollout: 100.1 },
    { rollout: Number.NaN },
    { rollout: '10' },
    { rollout: '10%' },
    { from: '2027-02-29' },
    { from: '2026-13-01' },
    { from: '2026-06-01T08:00:00' },
    { from: '2026-06-01T25:00:00Z' },
    { from: '1 June 2026' },
    { from: '2026-6-1' },
    { from: 1_767_268_800_000 },
    { graceDays: 0 },
    { graceDays: 1.5 },
    { graceDays: 366 },
    { graceDays: '7' },
    { unless: true },
    { mode: 'audit' },
    { grace: 7 },
  ])('refuses %j', (fields) => expect(takes(fields)).toBe(false));

  it('takes immediate, and nothing but true or false for it', () => {
    expect([takes({}, { immediate: true }), takes({}, { immediate: 'yes' })]).toEqual([true, false]);
  });
});

describe('compilePolicy', () => {
  it.each([
    ['user.', 'condition-syntax'],
    ['user.id', 'condition-type'],
    ['nobody.roles == []', 'condition-type'],
  ])('finds what is wrong with an exception: %s', async (unless, code) => {
    expect(await compilePolicy(parsed({ rules: [{ id: 'r', unless, require: ['totp'] }] }))).toEqual([
      { level: 'error', code, ruleId: 'r', message: expect.stringContaining('"unless"') },
    ]);
  });
});
