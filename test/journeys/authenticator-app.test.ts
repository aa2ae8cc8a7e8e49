import { beforeAll, describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { itemsUnder } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { calls, codeAt, STEP } from '../support/totp.ts';
import { INVALID_CLAIM, passCode } from './steps.ts';

const stepgate = useStepgate();
const TOTP = { mfaPolicy: { rules: [{ id: 'all', require: ['totp'] }] } };

const now = () => stepgate.clock.now();

describe.each<Mode>(['cookie', 'header'])('an authenticator app that the tenant asks for (%s mode)', (mode) => {
  const email = `app-${mode}@example.com`;
  let secret = '';

  beforeAll(async () => {
    await stepgate.tenant('public', TOTP);
    await stepgate.user(email);
  });

  it('is enrolled after a code to the account’s own mailbox, and lets the session in', async () => {
    const page = stepgate.browser(mode);
    const { create, enrol, list } = calls(page);
    await page.signIn(email, PASSWORD);
    expect((await page.mfaInfo()).body.factors).toEqual({
      next: ['otp-email'],
      alreadySetup: ['emailpassword'],
      allowedToSetup: ['otp-email'],
    });
    expect((await create()).status).toBe(403);
    await passCode(stepgate, page, { email });
    expect((await page.mfaInfo()).body.factors).toEqual({
      next: ['totp'],
      alreadySetup: ['emailpassword', 'otp-email'],
      allowedToSetup: ['totp'],
    });

    const begun = await create();
    expect(begun).toMatchObject({
      status: 200,
      body: {
        status: 'OK',
        deviceName: 'TOTP Device 0',
        secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
        qrCodeString: expect.stringMatching(/^otpauth:\/\/totp\/Stepgate:/),
        qrCodeSvg: expect.stringMatching(/^<svg [\s\S]*<\/svg>$/),
      },
    });
    expect(begun.headers.get('cache-control')).toContain('no-store');
    secret = begun.body.secret;
    expect(new URL(begun.body.qrCodeString).searchParams.get('secret')).toBe(secret);
    expect(await list()).toEqual([{ name: 'TOTP Device 0', period: 30, skew: 1, verified: false }]);
    expect((await page.me()).body).toEqual(INVALID_CLAIM);

    const { sessionHandle } = page.claims();
    const done = await enrol('TOTP Device 0', codeAt(secret, now()));
    expect([done.status, done.body]).toEqual([200, { status: 'OK', wasAlreadyVerified: false }]);
    expect(page.claims()).toMatchObject({
      sessionHandle,
      amr: ['pwd', 'otp', 'mfa'],
      'st-mfa': { v: true, c: { totp: expect.any(Number) } },
    });
    expect(await list()).toEqual([{ name: 'TOTP Device 0', period: 30, skew: 1, verified: true }]);
    expect((await page.me()).status).toBe(200);
  });

  it('is asked for at every later sign-in, outlives refreshes, and needs no mail', async () => {
    stepgate.clock.advance(STEP);
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    expect((await page.mfaInfo()).body.factors).toMatchObject({ next: ['totp'], allowedToSetup: [] });
    expect((await page.me()).body).toEqual(INVALID_CLAIM);
    expect((await calls(page).verify(` ${codeAt(secret, now())} `)).body).toEqual({ status: 'OK' });
    expect((await page.me()).status).toBe(200);
    await page.refresh();
    expect((await page.me()).status).toBe(200);
    expect((await page.get('/auth/mfa/factors')).body.factors).toContainEqual(
      expect.objectContaining({ factorId: 'totp', setUp: true, required: true, canDisable: false }),
    );
  });

  it('keeps the session through a refresh between asking and typing', async () => {
    stepgate.clock.advance(STEP);
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    const before = page.tokens();
    await page.refresh();
    page.present({ access: before.access });
    expect((await calls(page).verify(codeAt(secret, now()))).body.status).toBe('OK');
    expect((await page.me()).status).toBe(200);
  });

  it('gets a second one beside it, and the first may then go', async () => {
    stepgate.clock.advance(STEP);
    const page = stepgate.browser(mode);
    const { create, enrol, list, remove, verify } = calls(page);
    await page.signIn(email, PASSWORD);
    await verify(codeAt(secret, now()));
    expect((await remove('TOTP Device 0')).body).toEqual({
      status: 'FACTOR_REQUIRED_ERROR',
      requiredBy: ['rule:all'],
      reason: 'totp is required by rule all and cannot be switched off',
    });
    expect((await create('TOTP Device 0')).body).toEqual({ status: 'DEVICE_ALREADY_EXISTS_ERROR' });
    const second = (await create()).body;
    expect(second.deviceName).toBe('TOTP Device 1');
    expect((await enrol('TOTP Device 1', codeAt(second.secret, now()))).body.status).toBe('OK');
    expect((await remove('TOTP Device 0')).body).toEqual({ status: 'OK', didDeviceExist: true });
    expect((await list()).map(({ name }: { name: string }) => name)).toEqual(['TOTP Device 1']);
    expect((await page.me()).status).toBe(200);

    stepgate.clock.advance(STEP);
    const later = stepgate.browser(mode);
    await later.signIn(email, PASSWORD);
    expect((await calls(later).verify(codeAt(secret, now()))).body.status).toBe('INVALID_TOTP_ERROR');
    expect((await calls(later).verify(codeAt(second.secret, now()))).body.status).toBe('OK');
  });
});

describe.each<Mode>(['cookie', 'header'])('an authenticator app by one’s own choice (%s mode)', (mode) => {
  const email = `choice-${mode}@example.com`;

  it('is enrolled after a code by mail, switched on, and asked for from then on', async () => {
    await stepgate.tenant('public', { secondFactors: ['otp-email', 'totp'] });
    await stepgate.user(email);
    const page = stepgate.browser(mode);
    const { create, enrol } = calls(page);
    await page.signIn(email, PASSWORD);
    expect((await page.mfaInfo()).body.factors.allowedToSetup).toEqual(['emailpassword', 'otp-email']);
    await passCode(stepgate, page, { email });
    expect((await page.mfaInfo()).body.factors.allowedToSetup).toEqual(['emailpassword', 'otp-email', 'totp']);
    const { secret, deviceName } = (await create('My phone')).body;
    expect((await enrol(deviceName, codeAt(secret, now()))).body.status).toBe('OK');
    expect((await page.put('/auth/mfa/factors/totp', {})).body).toEqual({ status: 'OK' });
    expect((await calls(page).remove('My phone')).body).toMatchObject({
      status: 'FACTOR_REQUIRED_ERROR',
      reason: 'totp is required by your own settings and cannot be switched off',
    });

    stepgate.clock.advance(STEP);
    const later = stepgate.browser(mode);
    await later.signIn(email, PASSWORD);
    expect((await later.mfaInfo()).body.factors.next).toEqual(['totp']);
    expect((await calls(later).verify(codeAt(secret, now()))).body.status).toBe('OK');
    expect((await later.delete('/auth/mfa/factors/totp')).body).toEqual({ status: 'OK' });
    expect((await calls(later).remove('My phone')).body).toEqual({ status: 'OK', didDeviceExist: true });
    expect((await later.me()).status).toBe(200);
  });

  it('is on the own list with its first code where the tenant says so, and both are recorded', async () => {
    await stepgate.tenant('public', { secondFactors: ['otp-email', 'totp'], optInOnConsume: true });
    const page = stepgate.browser(mode);
    const { id } = (await page.signUp(`opt-in-${mode}@example.com`, PASSWORD)).body.user;
    const { secret, deviceName } = (await calls(page).create()).body;
    expect((await calls(page).enrol(deviceName, codeAt(secret, now()))).body.status).toBe('OK');
    expect((await page.get(`/admin/users/${id}`)).body.user.requiredFactors).toEqual(['totp']);
    const events = (await itemsUnder(stepgate, `AUDIT#${id}`)).map(({ event }) => event);
    expect(events.filter((event) => event !== 'mfa.decision').toSorted()).toEqual(['factor.added', 'factor.enabled']);
    await stepgate.tenant('public', { secondFactors: ['otp-email', 'totp'] });
  });

  it('may be enrolled at once by the session that made the account', async () => {
    const page = stepgate.browser(mode);
    await page.signUp(`new-${mode}@example.com`, PASSWORD);
    expect((await calls(page).create()).body.status).toBe('OK');
  });
});

describe('a tenant that does not speak of authenticator apps', () => {
  it('offers none, shows none, and takes no code of one that the account has', async () => {
    await stepgate.tenant('public', TOTP);
    const email = 'elsewhere@example.com';
    await stepgate.user(email);
    const owner = stepgate.browser();
    await owner.signIn(email, PASSWORD);
    await passCode(stepgate, owner, { email });
    const { secret, deviceName } = (await calls(owner).create()).body;
    await calls(owner).enrol(deviceName, codeAt(secret, now()));

    await stepgate.tenant('public', {});
    const page = stepgate.browser();
    await page.signIn(email, PASSWORD);
    const { factors } = (await page.mfaInfo()).body;
    expect([...factors.alreadySetup, ...factors.allowedToSetup]).not.toContain('totp');
    expect((await page.get('/auth/loginmethods')).body.secondFactors).toEqual(['otp-email', 'otp-phone']);
    expect((await calls(page).verify(codeAt(secret, now() + STEP))).status).toBe(400);
    expect((await calls(page).create('another')).status).toBe(400);
    expect((await page.put('/auth/mfa/factors/totp', {})).status).toBe(403);
  });
});
