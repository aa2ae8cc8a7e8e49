// A code by mail after a code by mail proves the same mailbox twice. Whoever holds it must not pass a policy that asks
// for two factors, whichever way the session began. @see security.md §1.10 D1

import { describe, expect, it } from 'vitest';
import type { Browser, Mode } from '../support/browser.ts';
import { codeSent, EVERYBODY, OPEN, proveEmail, provePhone, signedIn } from '../support/otp.ts';
import { PASSWORD, type Stepgate, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const BOTH = { flowType: 'USER_INPUT_CODE_AND_MAGIC_LINK' };

let made = 0;
const newEmail = () => `one-mailbox-${(made += 1)}@example.com`;
const newPhone = () => `+3630555${4000 + (made += 1)}`;

const begin: Record<string, (stepgate: Stepgate, page: Browser, email: string) => Promise<unknown>> = {
  'e-mail code': async (_, page, email) =>
    page.enterCode((await page.startCode({ email })).body, stepgate.lastCode(email)),
  'magic link': async (_, page, email) => {
    await page.startCode({ email });
    return page.enterLink(stepgate.lastLink(email));
  },
  password: (_, page, email) => page.signIn(email, PASSWORD),
};

/** An account with password, mailbox and, if told, phone. */
async function account(phoneNumber?: string) {
  const email = newEmail();
  await stepgate.tenant('public', OPEN);
  await stepgate.user(email);
  const page = await signedIn(stepgate, email);
  await proveEmail(stepgate, page, email);
  if (phoneNumber !== undefined) await provePhone(stepgate, page, phoneNumber);
  return email;
}

const pending = { status: 403, body: { message: 'invalid claim' } };

describe.each<Mode>(['cookie', 'header'])('SEC-21: every way in asks for the second factor (%s mode)', (mode) => {
  it.each(Object.keys(begin))('%s', async (way) => {
    const email = await account();
    await stepgate.tenant('public', { ...EVERYBODY, ...BOTH });
    const page = stepgate.browser(mode);
    await begin[way]!(stepgate, page, email);
    expect(page.claims()['st-mfa'].v).toBe(false);
    expect(await page.me()).toMatchObject(pending);
    expect((await page.refresh()).status).toBe(200);
    expect(await page.me()).toMatchObject(pending);
  });

  it.each(['e-mail code', 'magic link'])('%s to sign up', async (way) => {
    await stepgate.tenant('public', { ...EVERYBODY, ...BOTH });
    const page = stepgate.browser(mode);
    await begin[way]!(stepgate, page, newEmail());
    expect(await page.me()).toMatchObject(pending);
  });
});

describe('one mailbox is one factor', () => {
  it.each(['e-mail code', 'magic link'])('after a %s mfa/info leads to the phone, and no mail is sent', async (way) => {
    const phoneNumber = newPhone();
    const email = await account(phoneNumber);
    await stepgate.tenant('public', { ...EVERYBODY, ...BOTH });
    const page = stepgate.browser();
    await begin[way]!(stepgate, page, email);
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-phone']);

    const before = stepgate.aws.inbox().messages(email).length;
    const refused = await page.sendCode({ email });
    expect(refused).toMatchObject({ status: 403, body: { claimValidationErrors: [{ id: 'st-mfa' }] } });
    expect(stepgate.aws.inbox().messages(email)).toHaveLength(before);

    await provePhone(stepgate, page, phoneNumber);
    expect((await page.me()).status).toBe(200);
    expect(page.claims()).toMatchObject({
      acr: 'urn:stepgate:mfa',
      amr: expect.arrayContaining(['otp', 'sms', 'mfa']),
    });
  });

  it('takes no code by mail that was asked for before the switch was on', async () => {
    const email = await account();
    await stepgate.tenant('public', { ...EVERYBODY, ...BOTH, distinctChannels: false });
    const page = stepgate.browser();
    await begin['magic link']!(stepgate, page, email);
    const device = await codeSent(page, { email });
    await stepgate.tenant('public', { ...EVERYBODY, ...BOTH });
    expect((await page.consume(device, stepgate.lastCode(email))).status).toBe(403);
    expect(await page.me()).toMatchObject(pending);
  });

  it('counts no code by mail that was taken before the switch was on', async () => {
    const email = await account();
    await stepgate.tenant('public', { ...EVERYBODY, ...BOTH, distinctChannels: false });
    const page = stepgate.browser();
    await begin['magic link']!(stepgate, page, email);
    await proveEmail(stepgate, page, email);
    expect((await page.me()).status).toBe(200);
    expect(page.claims()).toMatchObject({ acr: 'urn:stepgate:single', amr: ['otp'] });
    await stepgate.tenant('public', { ...EVERYBODY, ...BOTH });
    await page.refresh();
    expect(await page.me()).toMatchObject(pending);
  });

  it('where nothing else is offered, says so: never an empty list, never a way through', async () => {
    const email = await account();
    await stepgate.tenant('public', { ...EVERYBODY, contactMethod: 'EMAIL' });
    const page = stepgate.browser();
    await begin['e-mail code']!(stepgate, page, email);
    expect((await page.mfaInfo()).body).toEqual({
      status: 'GENERAL_ERROR',
      message: expect.stringContaining('no second factor'),
    });
    expect(await page.me()).toMatchObject(pending);
    expect((await page.sendCode({ email })).status).toBe(403);
    expect((await page.sendCode({ email: newEmail() })).status).toBe(403);

    const other = stepgate.browser();
    await begin['password']!(stepgate, other, email);
    await proveEmail(stepgate, other, email);
    expect((await other.me()).status).toBe(200);
  });

  it('holds for a phone as well', async () => {
    const phoneNumber = newPhone();
    const email = await account(phoneNumber);
    await stepgate.tenant('public', {
      mfaPolicy: { rules: [{ id: 'all', require: [{ oneOf: ['otp-phone', 'otp-email'] }] }] },
    });
    const page = stepgate.browser();
    await page.enterCode((await page.startCode({ phoneNumber })).body, stepgate.lastCode(phoneNumber));
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email']);
    expect((await page.sendCode({ phoneNumber })).status).toBe(403);
    await proveEmail(stepgate, page, email);
    expect((await page.me()).status).toBe(200);
  });

  it.each([{ distinctChannels: false }, { profile: 'compat' }])(
    'counts twice under %j, as the reference has it',
    async (relaxed) => {
      const email = await account();
      await stepgate.tenant('public', { ...EVERYBODY, ...relaxed });
      const page = stepgate.browser();
      await begin['e-mail code']!(stepgate, page, email);
      expect((await page.me()).status).toBe(200);
      expect(page.claims()).toMatchObject({ acr: 'urn:stepgate:single', amr: ['otp'] });
    },
  );

  it('lets nobody ask of themselves what they could never show', async () => {
    const email = newEmail();
    await stepgate.tenant('public', { contactMethod: 'EMAIL' });
    const page = stepgate.browser();
    await begin['e-mail code']!(stepgate, page, email);
    expect(await page.put('/auth/mfa/factors/otp-email')).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('lock you out') },
    });
    await stepgate.tenant('public', {});
    expect((await page.put('/auth/mfa/factors/otp-phone')).body.status).toBe('OK');
  });
});
