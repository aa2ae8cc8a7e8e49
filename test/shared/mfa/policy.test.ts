import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { compilePolicy } from '../../../shared/mfa/compile-policy.ts';
import { DEFAULT_POLICY, type Policy, PolicySchema } from '../../../shared/mfa/policy-schema.ts';
import { requirementsFor } from '../../../shared/mfa/policy.ts';
import { compiled, facts } from './facts.ts';

const decide = async (policy: unknown, about: Parameters<typeof facts>[0] = {}) =>
  requirementsFor(await compiled(v.parse(PolicySchema, policy)), facts(about));

const IS_ADMIN = "'admin' in user.roles";
const admin = { user: { roles: ['admin'] } };
const mailTenant = { tenant: { requiredSecondaryFactors: ['otp-email'] } };
const optedIn = { user: { requiredFactors: ['otp-email'] } };

describe('requirementsFor', () => {
  it.each([
    ['no rules', { rules: [] }, { ...mailTenant, ...optedIn }, []],
    ['an unconditional rule', { rules: [{ id: 'a', require: ['otp-email'] }] }, {}, ['otp-email']],
    ['a rule that is not met', { rules: [{ id: 'a', when: IS_ADMIN, require: ['otp-email'] }] }, {}, []],
    ['a rule that is met', { rules: [{ id: 'a', when: IS_ADMIN, require: ['otp-email'] }] }, admin, ['otp-email']],
    ['the user’s list', { rules: [{ id: 'a', requireFrom: 'user' }] }, optedIn, ['otp-email']],
    ['an empty user’s list', { rules: [{ id: 'a', requireFrom: 'user' }] }, mailTenant, []],
    [
      'each entry of a user’s list',
      { rules: [{ id: 'a', requireFrom: 'user' }] },
      { user: { requiredFactors: ['otp-email', 'otp-phone'] } },
      ['otp-email', 'otp-phone'],
    ],
    [
      'the tenant’s list as a choice',
      { rules: [{ id: 'a', requireFrom: 'tenant' }] },
      { tenant: { requiredSecondaryFactors: ['otp-email', 'totp'] } },
      [{ oneOf: ['otp-email', 'totp'] }],
    ],
    ['an empty tenant’s list', { rules: [{ id: 'a', requireFrom: 'tenant' }] }, optedIn, []],
    [
      'all rules that are met, in order',
      {
        rules: [
          { id: 'a', require: [{ oneOf: ['otp-email', 'otp-phone'] }] },
          { id: 'b', when: IS_ADMIN, require: ['otp-phone', { allOfInAnyOrder: ['totp', 'otp-email'] }] },
          { id: 'c', when: `!(${IS_ADMIN})`, require: ['webauthn'] },
        ],
      },
      admin,
      [{ oneOf: ['otp-email', 'otp-phone'] }, 'otp-phone', { allOfInAnyOrder: ['totp', 'otp-email'] }],
    ],
    ['the default', DEFAULT_POLICY, { ...mailTenant, ...optedIn }, ['otp-email', { oneOf: ['otp-email'] }]],
  ])('of %s', async (_, policy, about, requirements) => {
    expect((await decide(policy, about)).requirements).toEqual(requirements);
  });

  it('says which rules asked, and who stands behind each requirement', async () => {
    const policy = {
      rules: [
        { id: 'admins', when: IS_ADMIN, require: ['otp-email'] },
        { id: 'nobody', when: 'false', require: ['totp'] },
        { id: 'user', requireFrom: 'user' },
        { id: 'tenant', requireFrom: 'tenant' },
      ],
    };
    const decision = await decide(policy, {
      user: { roles: ['admin'], requiredFactors: ['otp-phone'] },
      tenant: { requiredSecondaryFactors: ['totp'] },
    });
    expect(decision.because).toEqual(['admins', 'user', 'tenant']);
    expect(decision.demands).toEqual([
      { requirement: 'otp-email', origins: ['rule:admins'] },
      { requirement: 'otp-phone', origins: ['user'] },
      { requirement: { oneOf: ['totp'] }, origins: ['tenant'] },
    ]);
    expect(decision.faults).toEqual([]);
  });
});

describe('a condition that cannot be evaluated', () => {
  it.each([
    ["user.metadata.plan == 'paid'", {}],
    ['user.metadata.flag', { user: { metadata: { flag: 'yes' } } }],
    ['user.metadata.seats > 3', { user: { metadata: { seats: 'many' } } }],
    ["user.roles[0] == 'x'", {}],
    ['1 / size(user.roles) == 1', {}],
    ['timestamp(user.metadata.since) < now', { user: { metadata: { since: 'yesterday' } } }],
  ])('counts as met, and is reported: %s', async (when, about) => {
    const decision = await decide({ rules: [{ id: 'broken', when, require: ['otp-email'] }] }, about);
    expect(decision.requirements).toEqual(['otp-email']);
    expect(decision.because).toEqual(['broken']);
    expect(decision.faults).toEqual([{ ruleId: 'broken', message: expect.stringMatching(/^[^\n]+$/) }]);
  });

  it('does not touch the other rules', async () => {
    const rules = [
      { id: 'broken', when: "user.metadata.plan == 'paid'", require: ['otp-email'] },
      { id: 'not-met', when: IS_ADMIN, require: ['totp'] },
      { id: 'met', when: 'true', require: ['otp-phone'] },
    ];
    expect((await decide({ rules })).because).toEqual(['broken', 'met']);
  });
});

describe('merge "any"', () => {
  const lists = [
    { id: 'user', requireFrom: 'user' },
    { id: 'tenant', requireFrom: 'tenant' },
  ];
  const both = {
    user: { requiredFactors: ['otp-phone', 'otp-email'] },
    tenant: { requiredSecondaryFactors: ['otp-email', 'totp'] },
  };

  it.each([
    ['both lists become one choice, the user’s first', lists, both, [{ oneOf: ['otp-phone', 'otp-email', 'totp'] }]],
    [
      'in the place of the first, other rules where they stood',
      [{ id: 'a', require: ['webauthn'] }, lists[1], { id: 'b', require: ['otp-phone'] }, lists[0]],
      both,
      ['webauthn', { oneOf: ['otp-email', 'totp', 'otp-phone'] }, 'otp-phone'],
    ],
    ['a single entry stays itself', lists, optedIn, ['otp-email']],
    ['nothing becomes nothing', lists, {}, []],
    ['several entries of the user alone are a choice', [lists[0]], both, [{ oneOf: ['otp-phone', 'otp-email'] }]],
  ])('%s', async (_, rules, about, requirements) => {
    expect((await decide({ rules, merge: 'any' }, about)).requirements).toEqual(requirements);
  });

  it('names both origins of the choice', async () => {
    expect((await decide({ rules: lists, merge: 'any' }, both)).demands[0]?.origins).toEqual(['user', 'tenant']);
  });
});

describe('PolicySchema', () => {
  const rule = { id: 'a', require: ['otp-email'] };

  it.each<[string, unknown]>([
    ['no document', undefined],
    ['a list', []],
    ['no rules', {}],
    ['an attribute nobody knows', { rules: [], rule: [] }],
    ['a merge nobody knows', { rules: [], merge: 'some' }],
    ['a rule without an id', { rules: [{ require: ['otp-email'] }] }],
    ['an id with a space', { rules: [{ ...rule, id: 'a b' }] }],
    ['an id longer than 40', { rules: [{ ...rule, id: 'x'.repeat(41) }] }],
    ['two rules with one id', { rules: [rule, rule] }],
    ['a rule that asks for nothing', { rules: [{ id: 'a' }] }],
    ['a rule that asks twice', { rules: [{ ...rule, requireFrom: 'user' }] }],
    ['a list of nobody', { rules: [{ id: 'a', requireFrom: 'role' }] }],
    ['an empty requirement', { rules: [{ id: 'a', require: [] }] }],
    ['an empty choice', { rules: [{ id: 'a', require: [{ oneOf: [] }] }] }],
    ['a requirement of two kinds', { rules: [{ id: 'a', require: [{ oneOf: ['totp'], allOfInAnyOrder: ['totp'] }] }] }],
    ['a factor id with a capital', { rules: [{ id: 'a', require: ['OTP'] }] }],
    ['a condition that is no text', { rules: [{ ...rule, when: true }] }],
    ['a misspelt rule field', { rules: [{ ...rule, wen: 'true' }] }],
    ['more than 200 rules', { rules: Array.from({ length: 201 }, (_, i) => ({ ...rule, id: `r${i}` })) }],
  ])('refuses %s', async (_, document) => {
    expect(v.safeParse(PolicySchema, document).success).toBe(false);
  });

  it('takes 200 rules, custom factors, and every kind of requirement', async () => {
    const rules = Array.from({ length: 200 }, (_, i) => ({
      id: `r${i}`,
      require: ['my-factor', { oneOf: ['totp'] }, { allOfInAnyOrder: ['totp', 'otp-email'] }],
    }));
    expect(v.safeParse(PolicySchema, { rules, merge: 'any' }).success).toBe(true);
  });
});

describe('compilePolicy', () => {
  it('tells the faults of all conditions at once', async () => {
    const policy: Policy = {
      rules: [
        { id: 'a', when: 'user.', require: ['otp-email'] },
        { id: 'b', when: 'true', require: ['otp-email'] },
        { id: 'c', when: 'user.id', require: ['otp-email'] },
      ],
    };
    expect(await compilePolicy(policy)).toEqual([
      { level: 'error', code: 'condition-syntax', ruleId: 'a', message: expect.any(String) },
      { level: 'error', code: 'condition-type', ruleId: 'c', message: 'the condition is a string, not true or false' },
    ]);
  });
});
