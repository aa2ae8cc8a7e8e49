/** A code that came too late, in both SDKs. Codes live for two seconds here. */
import { describe, expect, it, vi } from 'vitest';
import { noChromium } from '../support/chromium.ts';
import { askForCode, signUp as signUpBare, status, typeCode as typeBare } from './bare-calls.ts';
import { MODES, useFrontEnd } from './front-end.ts';
import { EVERYBODY } from './policies.ts';
import { codeField, signUp, typeCode } from './screens.ts';

/** Whole walks through a browser, on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const front = useFrontEnd({ public: EVERYBODY }, { OTP_SECONDS: '2' });
const EXPIRED_MS = 2_100;

describe.skipIf(noChromium !== undefined).each(MODES)('supertokens-auth-react 0.51.3, %s mode', (mode) => {
  it('tells an expired code, and sends another', () =>
    front.visit('expired', mode, async ({ open, address }) => {
      const page = await open('prebuilt');
      await signUp(page, address);
      await codeField(page).waitFor();
      const code = await front.run().code(address);
      await page.waitForTimeout(EXPIRED_MS);
      await typeCode(page, code);
      await page.getByText('Expired OTP.').waitFor();
      await page.getByText('Resend Email').click();
      await page.getByText('Email resent').waitFor();
      expect(await front.run().code(address, code)).toMatch(/^\d{6}$/);
    }));
});

describe.skipIf(noChromium !== undefined).each(MODES)('supertokens-web-js 0.16.0, %s mode', (mode) => {
  it('tells an expired code, and counts it', () =>
    front.visit('bare-expired', mode, async ({ open, address }) => {
      const page = await open('bare');
      await signUpBare(page, address);
      expect(await askForCode(page, { email: address })).toBe('OK');
      const code = await front.run().code(address);
      await page.waitForTimeout(EXPIRED_MS);
      expect(await typeBare(page, code)).toMatchObject({
        status: 'EXPIRED_USER_INPUT_CODE_ERROR',
        failedCodeInputAttemptCount: 1,
        maximumCodeInputAttempts: 5,
      });
      expect(await status(page)).toBe(403);
    }));
});
