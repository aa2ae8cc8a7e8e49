import { describe, expect, it } from 'vitest';
import type { TenantDocument } from '../../../../shared/account/tenant-schema.ts';
import { lintPolicy } from '../../../../shared/mfa/lint/lint.ts';
import { NOW } from '../facts.ts';
import { asking, CASES, when } from './cases.ts';

const PASSWORDS: TenantDocument = { firstFactors: ['emailpassword'] };
/** Nothing but what is worth knowing of every policy that asks for codes by mail. */
const codesOf = async (policy: unknown, tenant = PASSWORDS) =>
  (await lintPolicy(policy, tenant, { now: NOW, otpSeconds: 600, smsCountries: ['*'] }))
    .map(({ code }) => code)
    .filter((code) => code !== 'reset-by-same-mailbox');

describe('lintPolicy', () => {
  it.each(CASES.map((one) => [one.title, one] as const))(
    'tells of %s',
    async (_, { policy, tenant, options, finding }) => {
      const findings = await lintPolicy(policy, tenant ?? {}, options);
      expect(findings).toContainEqual(
        expect.objectContaining({
          message: expect.any(String),
          doc: `docs/policy-lint.md#${finding.code}`,
          ...finding,
        }),
      );
      // One fault is told of once: nothing else is an error.
      expect(findings.filter(({ level }) => level === 'error')).toHaveLength(finding.level === 'error' ? 1 : 0);
    },
  );

  it('puts errors first', async () => {
    const policy = {
      rules: [
        { id: 'a', when: 'true', require: ['totp'] },
        { id: 'b', require: ['nothing'] },
      ],
    };
    expect((await lintPolicy(policy, PASSWORDS)).map(({ level }) => level)).toEqual(['error', 'warning']);
  });

  it('says nothing of dates where it is not told the day', async () => {
    const policy = {
      rules: [{ id: 'a', from: '2020-01-01', when: "now > timestamp('2020-01-01T00:00:00Z')", require: ['totp'] }],
    };
    expect(await lintPolicy(policy, PASSWORDS)).toEqual([]);
  });

  it('tells of every condition at fault, and of requirements besides', async () => {
    const policy = {
      rules: [
        { id: 'a', when: 'user.', unless: 'nobody', require: ['otp-mail'] },
        { id: 'b', when: "user.metadata.plan == 'x'", require: ['webauthn'] },
      ],
    };
    expect((await lintPolicy(policy, PASSWORDS)).map(({ ruleId, code }) => `${ruleId} ${code}`)).toEqual([
      'a unknown-factor',
      'a condition-syntax',
      'a condition-unknown-name',
      'b factor-not-offered',
      'b unguarded-metadata',
    ]);
  });
});

describe('what may well be meant', () => {
  it.each<[string, unknown, TenantDocument?]>([
    ['no rules', { rules: [] }],
    ['the default', { rules: [{ id: 'user', requireFrom: 'user' }] }],
    ['a role', when("'admin' in user.roles")],
    ['a plan', when("has(user.metadata.plan) && user.metadata.plan == 'paid'")],
    ['a domain', when("user.emails.exists(e, e.endsWith('@example.com'))")],
    ['a country', when("request.country != '' && !(request.country in ['HU', 'AT'])")],
    ['a network', when("!inNetwork(request.ip, '203.0.113.0/24')")],
    ['part of a network with its dot', when("!request.ip.startsWith('203.0.113.')")],
    ['a time to come', when("now < timestamp('2027-01-01T00:00:00Z')")],
    ['two of three roles', when("'a' in user.roles && 'b' in user.roles && !('c' in user.roles)")],
    ['either of two people', when("user.id == 'a' || user.id == 'b'")],
    ['none of two people', when("user.id != 'a' && user.id != 'b'")],
    ['a role in lower or upper case', when("'Admin' in user.roles || 'admin' in user.roles")],
    ['what only observes', { rules: [{ id: 'a', mode: 'observe', require: ['otp-email'] }] }],
    [
      'what observes beside what asks',
      {
        rules: [
          { id: 'a', require: ['otp-email'] },
          { id: 'b', mode: 'observe', require: ['otp-email'] },
        ],
      },
    ],
    ['a share', { rules: [{ id: 'a', rollout: 10, graceDays: 14, from: '2026-06-01', require: ['otp-email'] }] }],
    [
      'two shares of the same people',
      {
        rules: [
          { id: 'a', rollout: 10, require: ['otp-email'] },
          { id: 'b', rollout: 10, require: ['otp-email'] },
        ],
      },
    ],
    [
      'more than everybody does',
      {
        rules: [
          { id: 'a', require: [{ oneOf: ['otp-email', 'totp'] }] },
          { id: 'b', when: "'a' in user.roles", require: ['totp'] },
        ],
      },
    ],
    [
      'at once, what everybody has time for',
      {
        rules: [
          { id: 'a', graceDays: 30, require: ['totp'] },
          { id: 'b', when: "'a' in user.roles", require: ['totp'] },
        ],
      },
    ],
    [
      'on every device, what everybody does on new ones',
      {
        rules: [
          { id: 'a', require: ['totp'] },
          { id: 'b', when: "'a' in user.roles", rememberable: false, require: ['totp'] },
        ],
      },
      { ...PASSWORDS, rememberDevice: { days: 30 } },
    ],
    ['aal2 by app', { rules: [{ id: 'aal2', require: ['totp'] }] }],
    ['mail or app after a code by mail', asking({ oneOf: ['otp-email', 'totp'] }), { contactMethod: 'EMAIL' }],
    [
      'mail after a code by mail, where there is a phone',
      asking('otp-email'),
      { firstFactors: ['emailpassword', 'otp-email'] },
    ],
    [
      'mail for those who began with a password',
      when("session.firstFactor == 'emailpassword'"),
      { contactMethod: 'EMAIL', firstFactors: ['emailpassword', 'otp-email'] },
    ],
    ['a tenant where nobody signs in', asking('otp-email'), { firstFactors: [] }],
    ['a text message after an app', asking('totp', 'otp-phone')],
    ['a backup code for an app', asking('totp'), { ...PASSWORDS, backupCodeReplaces: ['totp'] }],
  ])('has nothing against %s', async (_, policy, tenant) => {
    expect(await codesOf(policy, tenant)).toEqual([]);
  });
});
