import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../shared/mfa/policy-schema.ts';
import { SECOND_FACTORS } from '../../../shared/mfa/factor.ts';
import { lintPolicy } from '../../../shared/mfa/lint/lint.ts';
import { requiring } from './facts.ts';

const BOTH = ['otp-email', 'otp-phone'];

/** What keeps a policy from being saved by a tenant that offers these second factors. */
const validatePolicy = async (policy: Policy, offered: readonly string[]) => {
  const secondFactors = SECOND_FACTORS.filter((factor) => offered.includes(factor));
  return (await lintPolicy(policy, { secondFactors })).filter(({ level }) => level === 'error');
};

const when = (condition: string): Policy => ({ rules: [{ id: 'rule', when: condition, require: ['otp-email'] }] });
const codesOf = async (policy: Policy, offered: readonly string[] = BOTH) =>
  (await validatePolicy(policy, offered)).map(({ code }) => code);

describe('lintPolicy', () => {
  it.each<[string, Policy]>([
    ['no rules', { rules: [] }],
    ['the user’s list', { rules: [{ id: 'user', requireFrom: 'user' }] }],
    ['Example 1', when("'admin' in user.roles")],
    ['Example 1 over tenants', when("'admin' in user.roles && 'otp-email' in tenant.requiredSecondaryFactors")],
    ['paid plan', when("has(user.metadata.plan) && user.metadata.plan == 'paid'")],
    ['a choice', requiring({ oneOf: ['otp-email', 'otp-phone'] })],
    ['both', requiring({ allOfInAnyOrder: ['otp-email', 'otp-phone'] })],
  ])('has nothing against %s', async (_, policy) => {
    expect(await validatePolicy(policy, BOTH)).toEqual([]);
  });

  it.each<[string, Policy, string]>([
    ['syntax', when("'admin' in"), 'condition-syntax'],
    ['a name there is not', when('user.role == "admin"'), 'condition-unknown-name'],
    ['a list taken for a text', when("user.roles == 'admin'"), 'condition-type'],
    ['a condition that is no condition', when('user.id'), 'condition-type'],
    ['macros three deep', when('[1].all(a, [1].all(b, [1].all(c, true)))'), 'condition-too-costly'],
    ['a condition longer than 2000 characters', when(`'${'x'.repeat(2_000)}' == ''`), 'condition-too-costly'],
    ['a factor nobody knows', requiring('my-factor'), 'unknown-factor'],
    ['a factor nobody knows in a choice', requiring({ oneOf: ['otp-email', 'sms'] }), 'unknown-factor'],
    ['a factor without an endpoint', requiring('totp'), 'factor-not-offered'],
    ['the password as a second factor', requiring('emailpassword'), 'factor-not-offered'],
  ])('finds %s', async (_, policy, code) => {
    expect(await validatePolicy(policy, BOTH)).toMatchObject([
      { level: 'error', code, ruleId: policy.rules[0]!.id, message: expect.any(String) },
    ]);
  });

  it('knows what the tenant’s contact method leaves', async () => {
    expect(await codesOf(requiring('otp-phone'), ['otp-email'])).toEqual(['factor-not-offered']);
    expect((await validatePolicy(requiring('otp-phone'), ['otp-email']))[0]?.message).toContain('it offers otp-email');
  });

  it('tells of every rule at fault', async () => {
    const policy: Policy = {
      rules: [
        { id: 'a', require: ['totp'] },
        { id: 'b', require: ['nothing'] },
        { id: 'c', when: "user.metadata.plan == 'x'", requireFrom: 'user' },
      ],
    };
    expect((await validatePolicy(policy, BOTH)).map(({ ruleId, code }) => `${ruleId} ${code}`)).toEqual([
      'a factor-not-offered',
      'b unknown-factor',
      'c unguarded-metadata',
    ]);
  });
});

describe('metadata that a user may not have', () => {
  it.each([
    "user.metadata.plan == 'paid'",
    "user.metadata['plan'] == 'paid'",
    "'admin' in user.roles && user.metadata.plan == 'paid'",
    "user.metadata.plan == 'paid' || 'admin' in user.roles",
    "'admin' in user.roles ? user.metadata.plan == 'paid' : false",
    'user.emails.exists(email, user.metadata.mail == email)',
    "has(user.metadata.plan) || user.metadata.plan == 'paid'",
    "has(user.metadata.plan) && user.metadata.tier == 'gold'",
    "has(user.metadata.a.b) && user.metadata.a.b == 'x'",
    "'plan' in tenant.metadata && user.metadata.plan == 'paid'",
    "tenant.metadata.tier == 'gold'",
    "user.roles[0] == 'admin'",
  ])('may not be read as if it were there: %s', async (condition) => {
    expect(await codesOf(when(condition))).toEqual(['unguarded-metadata']);
  });

  it.each([
    "has(user.metadata.plan) && user.metadata.plan == 'paid'",
    "'admin' in user.roles && has(user.metadata.plan) && user.metadata.plan == 'paid'",
    "!has(user.metadata.plan) || user.metadata.plan != 'free'",
    "has(user.metadata.plan) ? user.metadata.plan == 'paid' : true",
    "'plan' in user.metadata && user.metadata.plan == 'paid'",
    "'plan' in user.metadata && user.metadata['plan'] == 'paid'",
    "has(user.metadata.a) && has(user.metadata.a.b) && user.metadata.a.b == 'x'",
    "user.metadata.exists(key, key == 'plan')",
    "has(tenant.metadata.tier) && tenant.metadata.tier == 'gold'",
    "'admin' in user.roles",
  ])('may be read once it was asked for: %s', async (condition) => {
    expect(await codesOf(when(condition))).toEqual([]);
  });

  it.each([
    ["user.metadata.plan == 'free'", ['unguarded-metadata']],
    ["has(user.metadata.plan) && user.metadata.plan == 'free'", []],
  ])('may be read by an exception once it was asked for: %s', async (unless, codes) => {
    expect(await codesOf({ rules: [{ id: 'rule', unless, require: ['otp-email'] }] })).toEqual(codes);
  });

  it('is named', async () => {
    const [finding] = await validatePolicy(when("'admin' in user.roles && user.metadata.plan == 'paid'"), BOTH);
    expect(finding?.message).toMatch(/has\(…\): user\.metadata\.plan$/);
  });
});
