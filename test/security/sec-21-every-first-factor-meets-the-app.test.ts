// Whatever a session began with, the app is asked for: a second factor that one way in forgets is none.
// @see ASVS 5.0 V6.3.4; better-auth #9122, #9205; CVE-2026-9091

import { beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from '../support/browser.ts';
import { useStepgate } from '../support/stepgate.ts';
import { calls, codeAt, STEP, withApp } from '../support/totp.ts';

const stepgate = useStepgate();
const ASKS = {
  mfaPolicy: { rules: [{ id: 'all', require: ['totp'] }] },
  secondFactors: ['totp', 'otp-email'],
  firstFactors: ['emailpassword', 'otp-email'],
};
beforeAll(() => stepgate.tenant('public', ASKS));

/** A code by mail as the first factor. */
async function byMail(page: Browser, email: string): Promise<void> {
  const sent = await page.post('/auth/signinup/code', { email });
  const { deviceId, preAuthSessionId } = sent.body;
  const { body } = await page.post('/auth/signinup/code/consume', {
    deviceId,
    preAuthSessionId,
    userInputCode: stepgate.lastCode(email),
  });
  if (body.status !== 'OK') throw new Error(`not signed in: ${JSON.stringify(body)}`);
}

describe('SEC-21: an account with an app', () => {
  it('owes its code after a code by mail as well, and gets in with it', async () => {
    const email = 'mail-first@example.com';
    const { secret, name } = await withApp(stepgate, email);
    const page = stepgate.browser();
    await byMail(page, email);
    expect(page.claims()).toMatchObject({ firstFactor: 'otp-email', 'st-mfa': { v: false } });
    expect((await page.mfaInfo()).body.factors).toMatchObject({ next: ['totp'], allowedToSetup: [] });
    expect((await page.me()).status).toBe(403);
    expect((await calls(page).create('mine')).status).toBe(403);
    expect((await calls(page).remove(name)).status).toBe(403);
    await page.refresh();
    expect(page.claims()['st-mfa'].v).toBe(false);
    stepgate.clock.advance(STEP);
    expect((await calls(page).verify(codeAt(secret, stepgate.clock.now()))).body).toEqual({ status: 'OK' });
    expect((await page.me()).status).toBe(200);
  });
});
