import { beforeAll, describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { INVALID_CLAIM, passCode } from './steps.ts';

const stepgate = useStepgate();

const PAYING_CUSTOMERS = {
  mfaPolicy: {
    rules: [
      {
        id: 'paid',
        when: "has(user.metadata.plan) && user.metadata.plan == 'paid'",
        require: [{ oneOf: ['otp-email', 'otp-phone'] }],
      },
    ],
  },
};

describe.each<Mode>(['cookie', 'header'])('paying customers need a code (%s mode)', (mode) => {
  const email = `customer-${mode}@example.com`;
  let userId = '';
  const plan = (value: string | null) =>
    stepgate.browser().send('PATCH', `/admin/users/${userId}`, { metadata: { plan: value } });

  beforeAll(async () => {
    await stepgate.tenant('public', PAYING_CUSTOMERS);
    userId = await stepgate.user(email);
  });

  it('asks nobody who has not paid', async () => {
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    expect((await page.me()).status).toBe(200);
  });

  it('asks a customer who pays mid-session from the next refresh on', async () => {
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    expect((await plan('paid')).body.user.metadata).toEqual({ plan: 'paid' });
    expect((await page.me()).status).toBe(200);

    await page.refresh();
    expect(page.claims()['st-mfa'].v).toBe(false);
    expect((await page.me()).body).toEqual(INVALID_CLAIM);
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email']);
    await passCode(stepgate, page, { email });
    expect((await page.me()).status).toBe(200);
  });

  it('takes a proven phone as well as the mail address', async () => {
    const phoneNumber = mode === 'cookie' ? '+36701234567' : '+36701234568';
    const enrolling = stepgate.browser(mode);
    await enrolling.signIn(email, PASSWORD);
    await passCode(stepgate, enrolling, { email });
    expect((await passCode(stepgate, enrolling, { phoneNumber })).body.status).toBe('OK');

    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    expect((await page.mfaInfo()).body).toMatchObject({
      factors: { next: ['otp-email', 'otp-phone'], allowedToSetup: [] },
      emails: { 'otp-email': [email] },
      phoneNumbers: { 'otp-phone': [phoneNumber] },
    });
    await passCode(stepgate, page, { phoneNumber });
    expect(page.claims()['st-mfa']).toEqual({
      v: true,
      c: { emailpassword: expect.any(Number), 'otp-phone': expect.any(Number) },
    });
    expect((await page.me()).status).toBe(200);
  });

  it.each(['free', null])('asks no longer when the plan becomes %s', async (value) => {
    await plan('paid');
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    expect((await page.me()).status).toBe(403);
    await plan(value);
    await page.refresh();
    expect((await page.me()).status).toBe(200);
  });
});
