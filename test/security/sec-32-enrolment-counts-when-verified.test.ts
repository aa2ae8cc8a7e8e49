// An enrolment that was begun and left must neither lock its owner out nor pass for a second factor.
// @see better-auth #8711

import { beforeAll, describe, expect, it } from 'vitest';
import { fullySignedIn, proveEmail, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';
import { calls, codeAt, enrolApp } from '../support/totp.ts';

const stepgate = useStepgate();
const EITHER = {
  mfaPolicy: { rules: [{ id: 'all', require: [{ oneOf: ['totp', 'otp-email', 'backup-code'] }] }] },
};
const now = () => stepgate.clock.now();

beforeAll(() => stepgate.tenant('public', EITHER));

describe('SEC-32: an enrolment that was begun and never verified', () => {
  it('is not set up, locks nobody out, and opens nothing', async () => {
    const email = 'left@example.com';
    const userId = await stepgate.user(email);
    const first = await fullySignedIn(stepgate, email);
    const { secret } = (await calls(first).create()).body;
    await first.signOut();

    const page = await signedIn(stepgate, email);
    expect((await page.mfaInfo()).body.factors).toMatchObject({
      next: ['otp-email'],
      alreadySetup: ['emailpassword', 'otp-email'],
    });
    expect((await stepgate.app().users.load(userId))?.totpDevices).toMatchObject([{ verified: false }]);
    expect((await calls(page).verify(codeAt(secret, now()))).body.status).toBe('INVALID_TOTP_ERROR');
    // Verifying it is enrolling, and a pending session with another factor may not.
    expect((await calls(page).enrol('TOTP Device 0', codeAt(secret, now()))).status).toBe(403);
    await proveEmail(stepgate, page, email);
    expect((await page.me()).status).toBe(200);
    expect((await page.get('/auth/mfa/factors')).body.factors).toContainEqual(
      expect.objectContaining({ factorId: 'totp', setUp: false }),
    );
  });

  it('keeps nobody without another factor from beginning again', async () => {
    await stepgate.tenant('public', { mfaPolicy: { rules: [{ id: 'all', require: ['totp'] }] } });
    const email = 'again@example.com';
    await stepgate.user(email);
    const first = await fullySignedIn(stepgate, email);
    const old = (await calls(first).create()).body;

    const page = await fullySignedIn(stepgate, email);
    expect((await page.mfaInfo()).body.factors).toMatchObject({ next: ['totp'], allowedToSetup: ['totp'] });
    const fresh = (await calls(page).create()).body;
    expect(fresh.deviceName).toBe(old.deviceName);
    expect(fresh.secret).not.toBe(old.secret);
    expect((await calls(page).enrol(old.deviceName, codeAt(old.secret, now()))).body.status).toBe('INVALID_TOTP_ERROR');
    expect((await calls(page).enrol(fresh.deviceName, codeAt(fresh.secret, now()))).body.status).toBe('OK');
    await stepgate.tenant('public', EITHER);
  });

  it('goes without ceremony, and a name nobody has is no error', async () => {
    const email = 'tidy@example.com';
    await stepgate.user(email);
    const page = await fullySignedIn(stepgate, email);
    await calls(page).create('abandoned');
    stepgate.clock.advance(301_000);
    expect((await calls(page).remove('abandoned')).body).toEqual({ status: 'OK', didDeviceExist: true });
    expect((await calls(page).remove('abandoned')).body).toEqual({ status: 'OK', didDeviceExist: false });
    expect((await calls(page).enrol('abandoned', '000000')).status).toBe(403);
  });
});

describe('SEC-23, SEC-26 for authenticator apps', () => {
  const refused = (reason: unknown) => ({
    status: 403,
    body: { message: 'invalid claim', claimValidationErrors: [{ id: 'st-mfa', reason }] },
  });

  it('a password alone gets no seed, not even where nobody asks for a second factor', async () => {
    await stepgate.tenant('public', { secondFactors: ['otp-email', 'totp', 'backup-code'] });
    await stepgate.user('quiet@example.com');
    const thief = await signedIn(stepgate, 'quiet@example.com');
    expect(thief.claims()['st-mfa'].v).toBe(true);
    const reason = 'Another factor has to be completed in this session before a new one is set up';
    expect(await calls(thief).create()).toMatchObject(refused(reason));
    expect(await calls(thief).enrol('TOTP Device 0', '000000')).toMatchObject(refused(reason));
    expect(await calls(thief).list()).toEqual([]);
    expect((await calls(thief).makeCodes()).body).toMatchObject({ status: 'GENERAL_ERROR' });
    expect((await calls(thief).countCodes()).body).toEqual({ status: 'OK', codesLeft: 0 });
  });

  it('a session whose factor is older than 5 minutes neither adds, removes, nor makes codes', async () => {
    const email = 'stale@example.com';
    await stepgate.user(email);
    const page = await fullySignedIn(stepgate, email);
    const { name } = await enrolApp(stepgate, page);
    stepgate.clock.advance(301_000);
    const stale = refused({ message: 'MFA factor is not fresh enough for this operation', maxAgeInSeconds: 300 });
    expect(await calls(page).create('another')).toMatchObject(stale);
    expect(await calls(page).remove(name)).toMatchObject(stale);
    expect(await calls(page).makeCodes()).toMatchObject(stale);
  });

  it('a pending session removes no app, and sees no codes', async () => {
    await stepgate.tenant('public', EITHER);
    const email = 'pending@example.com';
    await stepgate.user(email);
    const { name } = await enrolApp(stepgate, await fullySignedIn(stepgate, email));
    const page = await signedIn(stepgate, email);
    expect((await calls(page).remove(name)).status).toBe(403);
    expect((await calls(page).makeCodes()).status).toBe(403);
    expect((await calls(page).countCodes()).status).toBe(403);
    expect((await calls(page).create('mine')).status).toBe(403);
    expect(await calls(page).list()).toHaveLength(1);
  });

  it('a sign-out ends what its access token could still change', async () => {
    const email = 'gone@example.com';
    await stepgate.user(email);
    const page = await fullySignedIn(stepgate, email);
    const { name } = await enrolApp(stepgate, page);
    const kept = page.tokens();
    await page.signOut();
    const thief = stepgate.browser('header');
    thief.present(kept);
    expect((await calls(thief).create('mine')).status).toBe(503);
    expect((await calls(thief).remove(name)).status).toBe(503);
    expect((await calls(thief).makeCodes()).status).toBe(503);
    expect(await calls(await fullySignedIn(stepgate, email)).list()).toMatchObject([{ name, verified: true }]);
  });

  it('removing the app ends every other session, and this one goes on', async () => {
    const email = 'others@example.com';
    await stepgate.user(email);
    const page = await fullySignedIn(stepgate, email);
    const { name } = await enrolApp(stepgate, page);
    const other = await fullySignedIn(stepgate, email);
    expect((await calls(page).remove(name)).body).toEqual({ status: 'OK', didDeviceExist: true });
    expect((await page.refresh()).status).toBe(200);
    expect((await other.refresh()).status).toBe(401);
  });

  it('five apps are enough, however many are begun at once', async () => {
    const email = 'many@example.com';
    await stepgate.user(email);
    const page = await fullySignedIn(stepgate, email);
    for (let wave = 0; wave < 6; wave += 1) {
      await Promise.all([0, 1, 2].map((i) => calls(page).create(`app ${wave} ${i}`)));
    }
    expect((await calls(page).list()).length).toBeLessThanOrEqual(5);
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await calls(page).create(name);
    expect(await calls(page).list()).toHaveLength(5);
    expect((await calls(page).create('one more')).body).toEqual({
      status: 'GENERAL_ERROR',
      message: 'You have 5 authenticator apps. Please remove one first.',
    });
  });

  it.each([[''], ['   '], ['x'.repeat(65)], ['line\nbreak'], [7]])('%j is no name for an app', async (deviceName) => {
    const page = await fullySignedIn(stepgate, 'many@example.com');
    expect((await page.post('/auth/totp/device', { deviceName })).status).toBe(400);
  });
});
