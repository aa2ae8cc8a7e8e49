/** supertokens-web-js without screens: an authenticator app, from its first picture to the next sign-in. */
import type { Page } from 'playwright-core';
import { describe, expect, it, vi } from 'vitest';
import { noChromium } from '../support/chromium.ts';
import { codeAt, STEP, wrongCode } from '../support/totp.ts';
import type { Bare } from './app/bare.ts';
import { askForCode, mfaInfo, signIn, signOut, signUp, status, typeCode } from './bare-calls.ts';
import { MODES, NEW_PASSWORD, useFrontEnd } from './front-end.ts';
import { APPS } from './policies.ts';

declare const bare: Bare;

/** Whole walks through a browser, on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const front = useFrontEnd({ public: APPS });

/** The SDK throws the reply itself where it is an error. */
const create = (page: Page) =>
  page.evaluate(async () => {
    try {
      const { fetchResponse: _, ...outcome } = await bare.Totp.createDevice();
      return outcome;
    } catch (thrown) {
      if (thrown instanceof Response) return { status: thrown.status };
      throw thrown;
    }
  });
const enrol = (page: Page, deviceName: string, totp: string) =>
  page.evaluate(
    async (typed) => {
      const { fetchResponse: _, ...outcome } = await bare.Totp.verifyDevice(typed);
      return outcome;
    },
    { deviceName, totp },
  );
const verify = (page: Page, totp: string) =>
  page.evaluate(async (typed) => {
    const { fetchResponse: _, ...outcome } = await bare.Totp.verifyCode({ totp: typed });
    return outcome;
  }, totp);
const list = (page: Page) => page.evaluate(async () => (await bare.Totp.listDevices()).devices);

describe.skipIf(noChromium !== undefined).each(MODES)('supertokens-web-js 0.16.0, %s mode', (mode) => {
  it('enrols an authenticator app, tells a wrong code of it, and is let in with it from then on', () =>
    front.visit('bare-totp', mode, async ({ open, address }) => {
      const page = await open('bare');
      expect(await signUp(page, address)).toBe('OK');
      expect((await mfaInfo(page)).factors).toMatchObject({ next: ['totp'], allowedToSetup: ['totp'] });
      const device = await create(page);
      if (device.status !== 'OK') throw new Error(String(device.status));
      const { deviceName, secret } = device;
      expect(device.qrCodeString).toContain(secret);
      expect(await enrol(page, deviceName, wrongCode(secret, Date.now()))).toEqual({
        status: 'INVALID_TOTP_ERROR',
        currentNumberOfFailedAttempts: 1,
        maxNumberOfFailedAttempts: 10,
      });
      expect(await status(page)).toBe(403);
      expect(await enrol(page, deviceName, codeAt(secret, Date.now()))).toEqual({
        status: 'OK',
        wasAlreadyVerified: false,
      });
      expect(await status(page)).toBe(200);
      expect(await list(page)).toEqual([{ name: deviceName, period: 30, skew: 1, verified: true }]);

      await signOut(page);
      expect(await signIn(page, address, NEW_PASSWORD)).toBe('OK');
      expect(await status(page)).toBe(403);
      expect((await mfaInfo(page)).factors).toMatchObject({ next: ['totp'], alreadySetup: ['emailpassword', 'totp'] });
      expect(await verify(page, codeAt(secret, Date.now() + STEP))).toEqual({ status: 'OK' });
      expect(await status(page)).toBe(200);
    }));

  it('is asked for a code by mail before its first authenticator app', () =>
    front.visit('bare-totp-proof', mode, async ({ open, address }) => {
      const page = await open('bare');
      await signUp(page, address);
      await signOut(page);
      // A sign-up session begins in the second the account was made in: this one does not.
      await page.waitForTimeout(1_100);
      expect(await signIn(page, address, NEW_PASSWORD)).toBe('OK');
      expect((await mfaInfo(page)).factors).toMatchObject({ next: ['otp-email'], allowedToSetup: ['otp-email'] });
      expect(await create(page)).toEqual({ status: 403 });
      await askForCode(page, { email: address });
      expect(await typeCode(page, await front.run().code(address))).toMatchObject({ status: 'OK' });
      expect(await status(page)).toBe(403);
      expect(await create(page)).toMatchObject({ status: 'OK', deviceName: 'TOTP Device 0' });
    }));
});
