// Where a policy takes one of several factors and the user has one of them, a session without it must not set up
// another, easier one and pass with that. @see wire.md §12.6 rule 2

import { beforeAll, describe, expect, it } from 'vitest';
import {
  evaluate,
  SETUP_REFUSED_NOT_NEXT,
  SETUP_REFUSED_OTHER_EXISTS,
  setupRefusal,
} from '../../shared/mfa/evaluate.ts';
import type { Facts } from '../../shared/mfa/facts.ts';
import { compilePolicy } from '../../shared/mfa/compile-policy.ts';
import type { Policy } from '../../shared/mfa/policy-schema.ts';
import { OPEN, provePhone, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();

const refused = (reason: string) => ({
  status: 403,
  body: { message: 'invalid claim', claimValidationErrors: [{ id: 'st-mfa', reason }] },
});

describe('SEC-23b over HTTP, with the phone as the stronger factor', () => {
  const email = 'owner@example.com';
  const phoneNumber = '+36301234567';

  beforeAll(async () => {
    await stepgate.tenant('public', OPEN);
    await stepgate.user(email);
    await provePhone(stepgate, await signedIn(stepgate, email), phoneNumber);
    await stepgate.tenant('public', {
      mfaPolicy: { rules: [{ id: 'all', require: [{ oneOf: ['otp-phone', 'otp-email'] }, 'otp-email'] }] },
    });
  });

  it('refuses to set up the mailbox until the phone was used, and sends nothing', async () => {
    const page = await signedIn(stepgate, email);
    expect((await page.mfaInfo()).body.factors).toMatchObject({
      next: ['otp-phone'],
      alreadySetup: ['emailpassword', 'otp-phone'],
      allowedToSetup: [],
    });
    expect(await page.sendCode({ email })).toMatchObject(refused(SETUP_REFUSED_OTHER_EXISTS));
    expect(await page.sendCode({ phoneNumber: '+36301234568' })).toMatchObject(refused(SETUP_REFUSED_OTHER_EXISTS));
    expect(
      stepgate.aws
        .inbox()
        .messages(email)
        .filter(({ purpose }) => purpose !== 'notice'),
    ).toEqual([]);

    await provePhone(stepgate, page, phoneNumber);
    expect((await page.sendCode({ email })).body.status).toBe('OK');
  });
});

describe('SEC-23b in the evaluator, with TOTP set up', () => {
  const policy: Policy = {
    rules: [{ id: 'all', require: [{ oneOf: ['totp', 'otp-email'] }, 'otp-phone'] }],
  };

  const facts = (completed: Facts['session']['completed'], factorsSetUp: readonly string[]): Facts => ({
    user: {
      id: 'u',
      roles: [],
      permissions: [],
      emails: ['u@example.com'],
      phones: [],
      requiredFactors: [],
      metadata: {},
      timeJoined: 0,
      factorsSetUp,
    },
    tenant: { id: 'public', requiredSecondaryFactors: [], metadata: {} },
    session: { firstFactor: 'emailpassword', completed, isNewDevice: true },
    request: { ip: '', country: '', userAgent: '' },
    now: 1_000_000_000_000,
  });

  const maySetUp = async (about: Facts, factor: string) => {
    const compiled = await compilePolicy(policy);
    if (!('rules' in compiled)) throw new Error('the policy does not compile');
    const tenant = {
      policy: compiled,
      firstEnrolment: 'proof',
      distinctChannels: true,
      secondFactors: ['otp-email', 'otp-phone'],
    } as const;
    return setupRefusal(evaluate(tenant, about), about, factor);
  };

  it.each<[string, Facts['session']['completed'], readonly string[], string | undefined, string | undefined]>([
    ['password alone', { emailpassword: 1 }, ['totp'], SETUP_REFUSED_OTHER_EXISTS, SETUP_REFUSED_OTHER_EXISTS],
    ['password and TOTP', { emailpassword: 1, totp: 2 }, ['totp'], SETUP_REFUSED_NOT_NEXT, undefined],
    ['password alone, nothing set up', { emailpassword: 1 }, [], undefined, SETUP_REFUSED_NOT_NEXT],
    ['everything', { emailpassword: 1, totp: 2, 'otp-phone': 3 }, ['totp', 'otp-phone'], undefined, undefined],
  ])('%s', async (_, completed, others, email, phone) => {
    const about = facts(completed, ['emailpassword', ...others]);
    expect(await maySetUp(about, 'otp-email')).toBe(email);
    expect(await maySetUp(about, 'otp-phone')).toBe(phone);
  });
});
