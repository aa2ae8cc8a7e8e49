// A thief with a password, or at a browser left open, must not switch off what keeps him out or add his own phone:
// changing factors takes a complete session and a second factor of the last 5 minutes. @see CVE-2026-3429, V7.5.1

import { beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from '../support/browser.ts';
import { codeSent, EVERYBODY, fullySignedIn, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const PHONE = '+36301234567';
const email = 'owner@example.com';
let userId: string;

const stale = {
  status: 403,
  body: {
    message: 'invalid claim',
    claimValidationErrors: [
      { id: 'st-mfa', reason: { message: 'MFA factor is not fresh enough for this operation', maxAgeInSeconds: 300 } },
    ],
  },
};
const incomplete = (reason: unknown) => ({
  status: 403,
  body: { message: 'invalid claim', claimValidationErrors: [{ id: 'st-mfa', reason }] },
});

beforeAll(async () => {
  await stepgate.tenant('public', { ...EVERYBODY, endSessionsOnFactorChange: false });
  userId = await stepgate.user(email);
  await fullySignedIn(stepgate, email);
});

const enable = (page: Browser, factor: string) => page.put(`/auth/mfa/factors/${factor}`, {});
const disable = (page: Browser, factor: string) => page.delete(`/auth/mfa/factors/${factor}`);
const ownList = async () => (await stepgate.app().users.load(userId))?.requiredFactors;

describe('SEC-26: changing factors', () => {
  it('is refused to a session that still owes its factor', async () => {
    const page = await signedIn(stepgate, email);
    const unsatisfied = incomplete({ message: 'MFA requirement for auth is not satisfied' });
    expect(await enable(page, 'otp-email')).toMatchObject(unsatisfied);
    expect(await disable(page, 'otp-email')).toMatchObject(unsatisfied);
    expect(await page.sendCode({ phoneNumber: PHONE })).toMatchObject(incomplete(expect.any(String)));
    expect(await ownList()).toEqual([]);
    expect(stepgate.aws.inbox().messages(PHONE)).toEqual([]);
  });

  it('is refused to a complete session whose factor is older than 5 minutes', async () => {
    const page = await fullySignedIn(stepgate, email);
    stepgate.clock.advance(301_000);
    expect((await page.me()).status).toBe(200);
    const refused = await enable(page, 'otp-email');
    expect(refused).toMatchObject(stale);
    expect(refused.headers.get('www-authenticate')).toContain('insufficient_user_authentication');
    expect(await disable(page, 'otp-email')).toMatchObject(stale);
    expect(await page.sendCode({ phoneNumber: PHONE })).toMatchObject(stale);
    expect(await page.sendCode({ email: 'another@example.com' })).toMatchObject(stale);
    expect(await ownList()).toEqual([]);
    expect(stepgate.aws.inbox().messages(PHONE)).toEqual([]);
  });

  it('refuses the code of a device that was made in time once the factor has grown old', async () => {
    const page = await fullySignedIn(stepgate, email);
    const device = await codeSent(page, { phoneNumber: PHONE });
    // A text message's code lives 5 minutes; sent again, it outlives the factor.
    stepgate.clock.advance(60_000);
    await page.resendCode(device);
    stepgate.clock.advance(242_000);
    expect(await page.consume(device, stepgate.lastCode(PHONE))).toMatchObject(stale);
    expect((await stepgate.app().users.load(userId))?.loginMethods.map((method) => method.phoneNumber)).not.toContain(
      PHONE,
    );
  });

  it('is open to a complete session with a fresh factor', async () => {
    const page = await fullySignedIn(stepgate, email);
    expect((await enable(page, 'otp-email')).body).toEqual({ status: 'OK' });
    expect(await ownList()).toEqual(['otp-email']);

    const device = await codeSent(page, { phoneNumber: PHONE });
    expect((await page.consume(device, stepgate.lastCode(PHONE))).body.status).toBe('OK');
    expect((await page.get('/auth/mfa/factors')).body.factors).toContainEqual(
      expect.objectContaining({ factorId: 'otp-phone', setUp: true, contact: '+36 •••• 567' }),
    );
  });
});
