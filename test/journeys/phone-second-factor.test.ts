import { beforeAll, describe, expect, it } from 'vitest';
import { smsSegments } from '../../shared/delivery/gsm.ts';
import type { Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { passCode } from './steps.ts';

const stepgate = useStepgate();

const PHONE_FOR_ALL = { mfaPolicy: { rules: [{ id: 'phones', require: ['otp-phone'] }] } };

let numbers = 0;
const newNumber = () => `+3670200${String(1000 + (numbers += 1))}`;

describe.each<Mode>(['cookie', 'header'])('a phone demanded of an account without one (%s mode)', (mode) => {
  const email = `no-phone-${mode}@example.com`;
  const phoneNumber = newNumber();

  beforeAll(async () => {
    await stepgate.tenant('public', PHONE_FOR_ALL);
    await stepgate.user(email);
  });

  const signedIn = async () => {
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    return page;
  };

  it('asks for a code to the account’s own mail address first', async () => {
    const page = await signedIn();
    expect((await page.mfaInfo()).body).toEqual({
      status: 'OK',
      factors: { next: ['otp-email'], alreadySetup: ['emailpassword'], allowedToSetup: ['otp-email'] },
      emails: { emailpassword: [email], 'otp-email': [email] },
      phoneNumbers: { 'otp-phone': [] },
    });
  });

  it('sends nothing to a number chosen by whoever knows only the password', async () => {
    const page = await signedIn();
    const chosen = newNumber();
    expect(await page.sendCode({ phoneNumber: chosen })).toMatchObject({
      status: 403,
      body: { message: 'invalid claim', claimValidationErrors: [{ id: 'st-mfa' }] },
    });
    expect(stepgate.aws.inbox().messages(chosen)).toEqual([]);
  });

  it('then lets a new number be set up, and is satisfied with it', async () => {
    const page = await signedIn();
    expect((await passCode(stepgate, page, { email })).body.status).toBe('OK');
    expect(page.claims()['st-mfa'].v).toBe(false);
    expect((await page.mfaInfo()).body.factors).toEqual({
      next: ['otp-phone'],
      alreadySetup: ['emailpassword', 'otp-email'],
      allowedToSetup: ['otp-phone'],
    });
    expect((await passCode(stepgate, page, { phoneNumber })).body).toMatchObject({
      status: 'OK',
      createdNewRecipeUser: true,
      user: { emails: [email], phoneNumbers: [phoneNumber] },
    });
    expect(page.claims()['st-mfa'].v).toBe(true);
    expect((await page.me()).status).toBe(200);
    expect((await page.mfaInfo()).body.phoneNumbers).toEqual({ 'otp-phone': [phoneNumber] });
  });

  it('asks for the phone alone from then on, at the number that is set up', async () => {
    const page = await signedIn();
    expect((await page.mfaInfo()).body).toMatchObject({
      factors: { next: ['otp-phone'], allowedToSetup: [] },
      phoneNumbers: { 'otp-phone': [phoneNumber] },
    });
    expect((await page.sendCode({ phoneNumber: newNumber() })).status).toBe(403);
    await passCode(stepgate, page, { phoneNumber });
    expect((await page.me()).status).toBe(200);
  });

  it('writes one short message whose last line fills in the code', async () => {
    const page = await signedIn();
    await page.sendCode({ phoneNumber });
    const message = stepgate.lastMessage(phoneNumber)!;
    expect(smsSegments(message.text)).toBe(1);
    expect(message.text.split('\n').at(-1)).toBe(`@localhost #${stepgate.lastCode(phoneNumber)}`);
    expect(message.text).toContain('5 minutes');
  });

  it('takes a number in any spelling, and shows it in one', async () => {
    const page = await signedIn();
    const spelt = `00${phoneNumber.slice(1, 3)} ${phoneNumber.slice(3, 5)} ${phoneNumber.slice(5)}`;
    expect((await page.sendCode({ phoneNumber: spelt })).body.status).toBe('OK');
    expect((await page.mfaInfo()).body.phoneNumbers).toEqual({ 'otp-phone': [phoneNumber] });
  });
});

describe.each<Mode>(['cookie', 'header'])('a phone in the session that made the account (%s mode)', (mode) => {
  beforeAll(() => stepgate.tenant('public', PHONE_FOR_ALL));

  it('may be set up at once', async () => {
    const phoneNumber = newNumber();
    const page = stepgate.browser(mode);
    await page.signUp(`fresh-${mode}@example.com`, PASSWORD);
    expect((await page.mfaInfo()).body).toMatchObject({
      factors: { next: ['otp-phone'], allowedToSetup: ['otp-phone'] },
      phoneNumbers: { 'otp-phone': [] },
    });
    await passCode(stepgate, page, { phoneNumber });
    expect((await page.me()).status).toBe(200);
  });

  it('needs proof in any later session', async () => {
    const email = `later-${mode}@example.com`;
    await stepgate.browser(mode).signUp(email, PASSWORD);
    stepgate.clock.advance(2_000);
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email']);
    expect((await page.sendCode({ phoneNumber: newNumber() })).status).toBe(403);
  });

  it('needs proof half an hour later in the same one', async () => {
    const email = `slow-${mode}@example.com`;
    await stepgate.tenant('public', {});
    const page = stepgate.browser(mode);
    await page.signUp(email, PASSWORD);
    await stepgate.tenant('public', PHONE_FOR_ALL);
    stepgate.clock.advance(31 * 60_000);
    expect((await page.refresh()).status).toBe(200);
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email']);
  });
});

describe.each<Mode>(['cookie', 'header'])('a phone where the tenant has firstEnrolment "open" (%s mode)', (mode) => {
  it('may be set up with the first factor alone, as in the reference', async () => {
    await stepgate.tenant('public', { ...PHONE_FOR_ALL, firstEnrolment: 'open' });
    const email = `open-${mode}@example.com`;
    const phoneNumber = newNumber();
    await stepgate.user(email);
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    expect((await page.mfaInfo()).body.factors).toEqual({
      next: ['otp-phone'],
      alreadySetup: ['emailpassword'],
      allowedToSetup: ['otp-phone'],
    });
    await passCode(stepgate, page, { phoneNumber });
    expect((await page.me()).status).toBe(200);
  });
});
