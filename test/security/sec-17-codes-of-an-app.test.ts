// A code of an authenticator app is good once and for a minute and a half, and guessing it is guessing: one count for
// every factor that is typed in. @see RFC 6238 §5.2; Logto #9109 (replay); CVE-2025-64102 (a lockout that left TOTP out)

import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { guessWrong, proveEmail, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';
import { APPS, calls, codeAt, STEP, withApp, wrongCode } from '../support/totp.ts';

const stepgate = useStepgate();
beforeAll(() =>
  stepgate.tenant('public', { mfaPolicy: { rules: [{ id: 'all', require: [{ oneOf: ['totp', 'otp-email'] }] }] } }),
);
beforeEach(() => stepgate.clock.freeze());

const now = () => stepgate.clock.now();
/** To the middle of a step, so that a test knows which step it is in. */
const toMidStep = () => stepgate.clock.advance(STEP - (now() % STEP) + STEP / 2);
const invalid = { status: 'INVALID_TOTP_ERROR' };

describe('SEC-17: a code of an authenticator app', () => {
  it('is accepted once, in whatever session it comes again', async () => {
    const email = 'once@example.com';
    const { secret } = await withApp(stepgate, email);
    toMidStep();
    const code = codeAt(secret, now());
    const [one, two] = [await signedIn(stepgate, email), await signedIn(stepgate, email)];
    expect((await calls(one).verify(code)).body).toEqual({ status: 'OK' });
    expect((await calls(two).verify(code)).body).toMatchObject(invalid);
    expect((await calls(one).verify(code)).body).toMatchObject(invalid);
    expect(two.claims()['st-mfa'].v).toBe(false);
  });

  it.each([
    ['one session', 'parallel-1@example.com', 1],
    ['ten sessions', 'parallel-10@example.com', 10],
  ])('is accepted once of ten at the same time, in %s', async (_, email, sessions) => {
    const { secret } = await withApp(stepgate, email);
    const own = await Promise.all(Array.from({ length: sessions }, () => signedIn(stepgate, email)));
    toMidStep();
    const code = codeAt(secret, now());
    const answers = await Promise.all(Array.from({ length: 10 }, (__, i) => calls(own[i % sessions]!).verify(code)));
    const statuses = answers.map(({ status, body }) => body?.status ?? status);
    expect(statuses.filter((status) => status === 'OK')).toHaveLength(1);
    expect(statuses.filter((status) => status === 'INVALID_TOTP_ERROR')).toHaveLength(9);
    expect(own.filter((page) => page.claims()['st-mfa'].v === true)).toHaveLength(1);
  });

  it('is taken one step early or late, and not two', async () => {
    const email = 'skew@example.com';
    const { secret } = await withApp(stepgate, email);
    for (const [off, expected] of [
      [-2, 'INVALID_TOTP_ERROR'],
      [2, 'INVALID_TOTP_ERROR'],
      [-1, 'OK'],
      [1, 'OK'],
    ] as const) {
      stepgate.clock.advance(5 * STEP);
      toMidStep();
      const page = await signedIn(stepgate, email);
      expect([off, (await calls(page).verify(codeAt(secret, now() + off * STEP))).body.status]).toEqual([
        off,
        expected,
      ]);
    }
  });

  it('makes every earlier one void: after the next step’s code, this step’s is refused', async () => {
    const email = 'backwards@example.com';
    const { secret } = await withApp(stepgate, email);
    toMidStep();
    expect((await calls(await signedIn(stepgate, email)).verify(codeAt(secret, now() + STEP))).body.status).toBe('OK');
    const later = calls(await signedIn(stepgate, email));
    expect((await later.verify(codeAt(secret, now()))).body).toMatchObject(invalid);
    expect((await later.verify(codeAt(secret, now() - STEP))).body).toMatchObject(invalid);
  });

  it('that was used to enrol the app is used', async () => {
    const email = 'enrolled@example.com';
    const { secret } = await withApp(stepgate, email);
    const page = await signedIn(stepgate, email);
    expect((await calls(page).verify(codeAt(secret, now() - STEP))).body).toMatchObject(invalid);
  });
});

describe('SEC-17: guesses', () => {
  it('count on one account whatever the factor: after five of an app and five by mail, neither right code is compared', async () => {
    const email = 'both@example.com';
    const { secret } = await withApp(stepgate, email);
    const page = await signedIn(stepgate, email);
    for (let failed = 1; failed <= 5; failed += 1) {
      expect((await calls(page).verify(wrongCode(secret, now()))).body).toEqual({
        ...invalid,
        currentNumberOfFailedAttempts: failed,
        maxNumberOfFailedAttempts: 10,
      });
    }
    await guessWrong(stepgate, page, email, 5);

    toMidStep();
    const refused = await calls(page).verify(codeAt(secret, now()));
    expect(refused).toMatchObject({ status: 200, body: { status: 'LIMIT_REACHED_ERROR' } });
    expect(refused.body.retryAfterMs).toBeGreaterThan(14 * 60_000);
    expect(refused.headers.get('retry-after')).toBe(String(Math.ceil(refused.body.retryAfterMs / 1000)));
    const device = await page.sendCode({ email });
    expect((await page.consume(device.body, stepgate.lastCode(email))).body).toMatchObject({ status: 'GENERAL_ERROR' });

    stepgate.clock.advance(15 * 60_000);
    const later = await signedIn(stepgate, email);
    expect((await calls(later).verify(codeAt(secret, now()))).body.status).toBe('OK');
  });

  it('are forgiven by a right code of either factor', async () => {
    const email = 'forgiven@example.com';
    const { secret } = await withApp(stepgate, email);
    for (const pass of ['app', 'mail', 'app']) {
      const page = await signedIn(stepgate, email);
      for (let i = 0; i < 9; i += 1) await calls(page).verify(wrongCode(secret, now()));
      if (pass === 'mail') await proveEmail(stepgate, page, email);
      else expect((await calls(page).verify(codeAt(secret, now()))).body.status).toBe('OK');
      stepgate.clock.advance(3 * STEP);
    }
  });

  it('are spent before they are compared: of thirty in parallel, ten are looked at', async () => {
    const email = 'burst@example.com';
    const { secret } = await withApp(stepgate, email);
    const page = await signedIn(stepgate, email);
    const code = wrongCode(secret, now());
    const answers = await Promise.all(Array.from({ length: 30 }, () => calls(page).verify(code)));
    const statuses = answers.map(({ body }) => body.status);
    expect(statuses.filter((status) => status === 'INVALID_TOTP_ERROR')).toHaveLength(10);
    expect(statuses.filter((status) => status === 'LIMIT_REACHED_ERROR')).toHaveLength(20);
  });

  it('at a backup code and at an enrolment come out of the same ten', async () => {
    await stepgate.tenant('public', APPS);
    const email = 'paper@example.com';
    const { page, secret } = await withApp(stepgate, email);
    const { codes } = (await calls(page).makeCodes()).body;
    const { deviceName } = (await calls(page).create('second')).body;
    for (let i = 0; i < 4; i += 1) await calls(page).enrol(deviceName, 'abcdef');

    const pending = await signedIn(stepgate, email);
    for (let i = 0; i < 3; i += 1) {
      expect((await calls(pending).useCode('0000-0000-0000')).body).toMatchObject({
        status: 'INVALID_BACKUP_CODE_ERROR',
        currentNumberOfFailedAttempts: 5 + i,
      });
    }
    for (let i = 0; i < 3; i += 1) await calls(pending).verify(wrongCode(secret, now()));
    expect((await calls(pending).useCode(codes[0])).body.status).toBe('LIMIT_REACHED_ERROR');
    stepgate.clock.advance(15 * 60_000);
    expect((await calls(await signedIn(stepgate, email)).useCode(codes[0])).body).toEqual({
      status: 'OK',
      codesLeft: 9,
    });
  });
});
