import { describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { passCode } from './steps.ts';

const stepgate = useStepgate();

const PHONE_NUMBER = '+36702345678';
const NOT_IN_USE = { status: 400, body: { message: 'this contact method is not in use' } };

let users = 0;

describe.each<Mode>(['cookie', 'header'])('contactMethod (%s mode)', (mode) => {
  const signedIn = async (attributes: Readonly<Record<string, unknown>>) => {
    await stepgate.tenant('public', attributes);
    const email = `user-${(users += 1)}@example.com`;
    await stepgate.user(email);
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    return { email, page };
  };

  it('EMAIL offers mail alone, and refuses a phone number', async () => {
    const { page, email } = await signedIn({ contactMethod: 'EMAIL' });
    expect((await page.mfaInfo()).body).toMatchObject({
      factors: { allowedToSetup: ['emailpassword', 'otp-email'] },
      emails: { 'otp-email': [email] },
      phoneNumbers: {},
    });
    expect(await page.sendCode({ phoneNumber: PHONE_NUMBER })).toMatchObject(NOT_IN_USE);
    expect((await page.sendCode({ email })).body.status).toBe('OK');
  });

  it('PHONE offers text messages alone, and refuses an address', async () => {
    const { page, email } = await signedIn({ contactMethod: 'PHONE' });
    const info = (await page.mfaInfo()).body;
    expect(info.emails).toEqual({ emailpassword: [email] });
    expect(info.phoneNumbers).toEqual({ 'otp-phone': [] });
    expect(await page.sendCode({ email })).toMatchObject(NOT_IN_USE);
  });

  it('PHONE still proves a demanded first number by the account’s own mail address', async () => {
    const { page, email } = await signedIn({
      contactMethod: 'PHONE',
      mfaPolicy: { rules: [{ id: 'all', require: ['otp-phone'] }] },
    });
    expect((await page.mfaInfo()).body).toMatchObject({
      factors: { next: ['otp-email'], allowedToSetup: ['otp-email'] },
      emails: { 'otp-email': [email] },
    });
    await passCode(stepgate, page, { email });
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-phone']);
    const phoneNumber = `+3670234${5000 + users}`;
    await passCode(stepgate, page, { phoneNumber });
    expect((await page.me()).status).toBe(200);
  });

  it('EMAIL_OR_PHONE offers both, and is what holds without the attribute', async () => {
    for (const attributes of [{ contactMethod: 'EMAIL_OR_PHONE' }, {}]) {
      const { page, email } = await signedIn({
        ...attributes,
        firstEnrolment: 'open',
        requiredSecondaryFactors: ['otp-email', 'otp-phone'],
      });
      expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email', 'otp-phone']);
      expect((await page.sendCode({ email })).body.status).toBe('OK');
      expect((await page.sendCode({ phoneNumber: PHONE_NUMBER })).body.status).toBe('OK');
    }
  });

  it('EMAIL refuses a phone number even when a rule written by hand demands one', async () => {
    await stepgate.tenant('public', {
      contactMethod: 'EMAIL',
      mfaPolicy: { rules: [{ id: 'all', require: ['otp-phone'] }] },
    });
    const page = stepgate.browser(mode);
    await page.signUp(`fresh-${mode}@example.com`, PASSWORD);
    expect(await page.sendCode({ phoneNumber: PHONE_NUMBER })).toMatchObject(NOT_IN_USE);
    expect((await page.mfaInfo()).body.status).toBe('GENERAL_ERROR');
  });

  it('EMAIL no longer counts a number set up before as set up', async () => {
    const { page } = await signedIn({ firstEnrolment: 'open', requiredSecondaryFactors: ['otp-phone'] });
    const phoneNumber = `+3670234${6000 + users}`;
    await passCode(stepgate, page, { phoneNumber });
    await stepgate.tenant('public', { contactMethod: 'EMAIL' });
    expect((await page.mfaInfo()).body.factors.alreadySetup).toEqual(['emailpassword']);
  });

  it('wants exactly one contact, and one that is real', async () => {
    const { page, email } = await signedIn({});
    const post = (body: object) => page.post('/auth/signinup/code', { ...body, shouldTryLinkingWithSessionUser: true });
    const both = { message: 'give exactly one of email and phoneNumber' };
    expect(await post({ email, phoneNumber: PHONE_NUMBER })).toMatchObject({ status: 400, body: both });
    expect(await post({})).toMatchObject({ status: 400, body: both });
    expect((await post({ email: 'nobody' })).body).toEqual({ status: 'GENERAL_ERROR', message: 'Email is invalid' });
    expect((await post({ phoneNumber: '12' })).body).toEqual({
      status: 'GENERAL_ERROR',
      message: 'Phone number is invalid',
    });
  });
});
