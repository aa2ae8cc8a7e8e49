import * as fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { isTenantId, MalformedTenant } from '../../../shared/account/tenant-id.ts';
import { parseTenant } from '../../../shared/account/parse-tenant.ts';
import type { Tenant } from '../../../shared/account/tenant.ts';
import { PolicySchema } from '../../../shared/mfa/policy-schema.ts';

async function faultsOf(stored: unknown): Promise<readonly string[]> {
  try {
    await parseTenant('acme', stored);
    return [];
  } catch (error) {
    if (error instanceof MalformedTenant) return error.faults;
    throw error;
  }
}

describe('parseTenant', () => {
  it('makes a usable tenant of nothing', async () => {
    const tenant = await parseTenant('acme', {});
    expect(tenant).toMatchObject<Partial<Tenant>>({
      tenantId: 'acme',
      name: undefined,
      firstFactors: ['emailpassword', 'otp-email', 'otp-phone'],
      passwordless: ['otp-email', 'otp-phone'],
      distinctChannels: true,
      websiteBasePath: '/auth',
      requiredSecondaryFactors: [],
      secondFactors: ['otp-email', 'otp-phone'],
      contactMethod: 'EMAIL_OR_PHONE',
      optInOnConsume: false,
      firstEnrolment: 'proof',
      strictRefresh: false,
      endSessionsOnFactorChange: true,
      otpDigits: 6,
      smsDailyBudget: 20_000_000,
      smsPrice: 100_000,
      signUpFields: [],
      claims: [],
      metadata: {},
    });
    expect(tenant.policy.rules.map(({ rule }) => rule.requireFrom)).toEqual(['user', 'tenant']);
  });

  it.each<[object, object]>([
    [{ firstFactors: ['emailpassword', 'thirdparty'] }, { firstFactors: ['emailpassword'] }],
    [{ firstFactors: [] }, { firstFactors: [] }],
    [{ firstFactors: new Set(['emailpassword']) }, { firstFactors: ['emailpassword'] }],
    [{ requiredSecondaryFactors: new Set(['otp-email']) }, { requiredSecondaryFactors: ['otp-email'] }],
    [{ contactMethod: 'EMAIL' }, { secondFactors: ['otp-email'] }],
    [{ contactMethod: 'PHONE' }, { secondFactors: ['otp-phone'] }],
    // Apps and codes on paper are there for whoever asks for them, by list, by policy or as a way out.
    [{ secondFactors: ['totp', 'otp-email'] }, { secondFactors: ['totp', 'otp-email'], backupCodeReplaces: [] }],
    [{ secondFactors: new Set(['backup-code']), contactMethod: 'PHONE' }, { secondFactors: ['backup-code'] }],
    [{ secondFactors: [] }, { secondFactors: [] }],
    [{ requiredSecondaryFactors: ['totp'], contactMethod: 'EMAIL' }, { secondFactors: ['otp-email', 'totp'] }],
    [
      { mfaPolicy: { rules: [{ id: 'a', require: [{ oneOf: ['backup-code', 'totp'] }] }] }, contactMethod: 'EMAIL' },
      { secondFactors: ['otp-email', 'totp', 'backup-code'] },
    ],
    [
      { backupCodeReplaces: ['otp-email'], contactMethod: 'EMAIL' },
      { secondFactors: ['otp-email', 'backup-code'], backupCodeReplaces: ['otp-email'] },
    ],
    [{ profile: 'compat' }, { firstEnrolment: 'open', endSessionsOnFactorChange: false, distinctChannels: false }],
    [
      { profile: 'compat', distinctChannels: true },
      { firstEnrolment: 'open', distinctChannels: true },
    ],
    [{ flowType: 'MAGIC_LINK', contactMethod: 'EMAIL' }, { passwordless: ['link-email'] }],
    [{ firstFactors: ['link-phone'] }, { passwordless: ['link-phone'] }],
    [
      { profile: 'compat', firstEnrolment: 'proof' },
      { firstEnrolment: 'proof', endSessionsOnFactorChange: false },
    ],
    [
      { smsDailyBudgetUsd: 1.5, smsPriceUsd: 0.0725 },
      { smsDailyBudget: 1_500_000, smsPrice: 72_500 },
    ],
    [{ otpDigits: 8 }, { otpDigits: 8 }],
    // A password may be short where something can be asked besides it.
    [{}, { passwordMinLength: 15 }],
    [{ mfaPolicy: { rules: [] } }, { passwordMinLength: 15 }],
    [{ requiredSecondaryFactors: ['otp-email'] }, { passwordMinLength: 8 }],
    [{ mfaPolicy: { rules: [{ id: 'user', requireFrom: 'user' }] } }, { passwordMinLength: 8 }],
    [{ passwordMinLength: 12 }, { passwordMinLength: 12 }],
    // Kept for later, unread.
  ])('reads %j', async (stored, expected) => {
    expect(await parseTenant('acme', stored)).toMatchObject(expected);
  });

  it.each<[unknown, RegExp]>([
    [undefined, /^item: /],
    [
      { secondFactors: ['emailpassword'] },
      /^secondFactors\.0: must be one of otp-email, otp-phone, totp, backup-code$/,
    ],
    [
      { secondFactors: ['otp-phone'], contactMethod: 'EMAIL' },
      /^secondFactors: otp-phone does not go with contactMethod$/,
    ],
    [{ backupCodeReplaces: ['backup-code'] }, /^backupCodeReplaces\.0: must be one of otp-email, otp-phone, totp$/],
    [{ secondaryFactors: [] }, /^secondaryFactors: is not an attribute we know$/],
    [{ firstFactors: 'emailpassword' }, /^firstFactors: must be a list$/],
    [{ firstFactors: [1] }, /^firstFactors\.0: /],
    [{ requiredSecondaryFactors: new Set([1]) }, /^requiredSecondaryFactors\.0: /],
    [{ requiredSecondaryFactors: ['OTP'] }, /^requiredSecondaryFactors\.0: is not a factor id$/],
    [{ requiredSecondaryFactors: Array.from({ length: 51 }, () => 'totp') }, /^requiredSecondaryFactors: /],
    [{ optInOnConsume: 'true' }, /^optInOnConsume: /],
    [{ passwordMinLength: 7 }, /^passwordMinLength: /],
    [{ otpDigits: 7 }, /^otpDigits: /],
    [{ allowedOrigins: ['https://app.example.com/'] }, /^allowedOrigins\.0: must be an origin/],
    [{ allowedOrigins: ['*'] }, /^allowedOrigins\.0: must be an origin/],
    [{ smsCountries: ['hu'] }, /^smsCountries\.0: must be a country code$/],
    [{ signUpFields: [{ id: 'email' }] }, /^signUpFields\.0\.id: /],
    [{ claims: { sub: 'user.id' } }, /^claims\.sub: is a protected claim name$/],
    [{ claims: { plan: 'user.' } }, /^claims\.plan: /],
    [{ websiteBasePath: 'auth' }, /^websiteBasePath: must be a path/],
    [{ websiteBasePath: '//evil.example' }, /^websiteBasePath: must be a path/],
    [{ limits: { perMinute: 5 } }, /^limits\.perMinute: is not an attribute we know$/],
    [{ mfaPolicy: [] }, /^mfaPolicy\.rules: /],
    [{ mfaPolicy: { rules: [{ id: 'a', when: 'x', require: ['totp'] }] } }, /^mfaPolicy rule a: /],
  ])('refuses %j', async (stored, fault) => {
    expect(await faultsOf(stored)).toEqual([expect.stringMatching(fault)]);
  });

  it('names every attribute at fault', async () => {
    expect((await faultsOf({ a: 1, contactMethod: 2, firstFactors: 3 })).map((line) => line.split(':')[0])).toEqual([
      'firstFactors',
      'contactMethod',
      'a',
    ]);
  });

  it.each([
    { contactMethod: 'confidential' },
    { contactMethod: 'first line\nconfidential' },
    { contactMethod: 'but received "confidential' },
    { allowedOrigins: ['https://confidential.example/x\ny'] },
    { smsCountries: ['\nconfidential'] },
    { passwordMinLength: 'confidential' },
  ])('repeats no value: %j', async (stored) => {
    const faults = await faultsOf(stored);
    expect(faults).toHaveLength(1);
    expect(faults[0]).not.toMatch(/confidential|\n/);
  });

  it('throws MalformedTenant and nothing else, whatever a condition or a claim says', { timeout: 60_000 }, async () => {
    const pieces = fc.constantFrom(
      'user',
      '.',
      'metadata',
      "'",
      '"',
      '(',
      ')',
      '[',
      ']',
      '&&',
      '!',
      '?',
      ':',
      '1',
      ' in ',
    );
    const expression = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 30 }).map((p) => p.join('')),
    );
    await fc.assert(
      fc.asyncProperty(expression, expression, async (when, claim) => {
        await faultsOf({ mfaPolicy: { rules: [{ id: 'a', when, require: ['otp-email'] }] }, claims: { plan: claim } });
      }),
      { numRuns: 100 },
    );
  });
});

describe('PolicySchema', () => {
  it('never throws, whatever the document', () => {
    const rules = fc.record({
      rules: fc.array(fc.dictionary(fc.constantFrom('id', 'when', 'require'), fc.jsonValue())),
    });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), rules), (document) => void v.safeParse(PolicySchema, document)),
      { numRuns: 100 },
    );
  });
});

describe('isTenantId', () => {
  it.each(['public', 'acme', 'a', '0', 'a-b-c', 'x'.repeat(63)])('takes %s', (id) => {
    expect(isTenantId(id)).toBe(true);
  });

  it.each(['', 'Acme', 'a_b', 'a.b', 'a#b', '-a', 'é', 'a b', 'x'.repeat(64), 'signin', 'session', 'mfa', '__proto__'])(
    'refuses %j',
    (id) => {
      expect(isTenantId(id)).toBe(false);
    },
  );
});
