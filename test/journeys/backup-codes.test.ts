import { beforeAll, describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { APPS, calls, codeAt, STEP, withApp } from '../support/totp.ts';

const stepgate = useStepgate();

describe.each<Mode>(['cookie', 'header'])('backup codes (%s mode)', (mode) => {
  const email = `paper-${mode}@example.com`;
  let codes: readonly string[] = [];
  let secret = '';

  beforeAll(() => stepgate.tenant('public', APPS));

  it('are ten, shown once, and counted from then on', async () => {
    const { page, secret: seed } = await withApp(stepgate, email);
    secret = seed;
    const { makeCodes, countCodes } = calls(page);
    expect((await countCodes()).body).toEqual({ status: 'OK', codesLeft: 0 });
    const made = await makeCodes();
    expect(made.headers.get('cache-control')).toContain('no-store');
    codes = made.body.codes;
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/);
    const counted = (await countCodes()).body;
    expect(counted).toEqual({ status: 'OK', codesLeft: 10, createdAt: made.body.createdAt });
    expect((await page.get('/auth/mfa/factors')).body.factors).toContainEqual(
      expect.objectContaining({ factorId: 'backup-code', setUp: true, required: false, codesLeft: 10 }),
    );
  });

  it('let a person in who has lost the phone, who may then replace it', async () => {
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    expect((await page.mfaInfo()).body.factors).toEqual({
      next: ['totp', 'backup-code'],
      alreadySetup: ['emailpassword', 'otp-email', 'totp', 'backup-code'],
      allowedToSetup: [],
    });
    const asCopied = ` ${codes[0]!.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')} `;
    expect((await calls(page).useCode(asCopied)).body).toEqual({ status: 'OK', codesLeft: 9 });
    expect(page.claims()).toMatchObject({ amr: ['pwd', 'otp', 'mfa'], 'st-mfa': { v: true } });
    expect((await page.me()).status).toBe(200);
    await page.refresh();
    expect((await page.me()).status).toBe(200);

    const begun = (await calls(page).create('new phone')).body;
    expect((await calls(page).enrol('new phone', codeAt(begun.secret, stepgate.clock.now()))).body.status).toBe('OK');
    expect((await calls(page).remove('TOTP Device 0')).body).toMatchObject({ status: 'OK', didDeviceExist: true });
    secret = begun.secret;
  });

  it('are good once each', async () => {
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    expect((await calls(page).useCode(codes[0]!)).body).toMatchObject({ status: 'INVALID_BACKUP_CODE_ERROR' });
    expect((await calls(page).useCode(codes[1]!)).body).toEqual({ status: 'OK', codesLeft: 8 });
  });

  it('are good for nothing any more once others were made', async () => {
    stepgate.clock.advance(STEP);
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    await calls(page).verify(codeAt(secret, stepgate.clock.now()));
    const made = (await calls(page).makeCodes()).body.codes;
    const later = stepgate.browser(mode);
    await later.signIn(email, PASSWORD);
    expect((await calls(later).useCode(codes[2]!)).body).toMatchObject({ status: 'INVALID_BACKUP_CODE_ERROR' });
    expect((await calls(later).useCode(made[9])).body).toEqual({ status: 'OK', codesLeft: 9 });
    codes = made;
  });

  it('are not offered to whoever has none left, and the session of the last one goes on', async () => {
    for (let left = 8; left >= 0; left -= 1) {
      const page = stepgate.browser(mode);
      await page.signIn(email, PASSWORD);
      expect((await calls(page).useCode(codes[8 - left]!)).body).toEqual({ status: 'OK', codesLeft: left });
      if (left > 0) continue;
      await page.refresh();
      expect(page.claims()['st-mfa'].v).toBe(true);
      expect((await page.me()).status).toBe(200);
    }
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    const { factors } = (await page.mfaInfo()).body;
    expect(factors).toMatchObject({ next: ['totp'], alreadySetup: ['emailpassword', 'otp-email', 'totp'] });
    expect((await calls(page).useCode(codes[0]!)).status).toBe(403);
  });
});
