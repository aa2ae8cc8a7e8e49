/** supertokens-web-js without screens: what an application with forms of its own calls. */
import type { Page } from 'playwright-core';
import { describe, expect, it, vi } from 'vitest';
import { noChromium } from '../support/chromium.ts';
import { MODES, PASSWORD, useFrontEnd } from './front-end.ts';
import type { Bare } from './app/bare.ts';

const ADMINS = { mfaPolicy: { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] }] } };

declare const bare: Bare;

const signIn = (page: Page, email: string) =>
  page.evaluate(
    async ({ email: address, password }) => {
      const formFields = [
        { id: 'email', value: address },
        { id: 'password', value: password },
      ];
      return (await bare.EmailPassword.signIn({ formFields })).status;
    },
    { email, password: PASSWORD },
  );

const status = (page: Page) => page.evaluate(async () => (await bare.call('/me')).status);

/** Whole walks through a browser, on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describe.skipIf(noChromium !== undefined).each(MODES)('supertokens-web-js 0.16.0, %s mode', (mode) => {
  const front = useFrontEnd({ public: ADMINS }, { ACCESS_TOKEN_SECONDS: '2' });

  it('tells of the missing claim, takes the code, and is let in', () =>
    front.visit('bare-challenge', mode, async ({ open }) => {
      const page = await open('bare');
      expect(await signIn(page, 'admin@example.com')).toBe('OK');
      expect(await status(page)).toBe(403);
      expect(await page.evaluate(() => bare.events)).toContain('API_INVALID_CLAIM');
      await page.evaluate(() =>
        bare.Passwordless.createCode({ email: 'admin@example.com', shouldTryLinkingWithSessionUser: true }),
      );
      const userInputCode = await front.run().code('admin@example.com');
      const consumed = await page.evaluate(
        async (code) => (await bare.Passwordless.consumeCode({ userInputCode: code })).status,
        userInputCode,
      );
      expect(consumed).toBe('OK');
      expect(await status(page)).toBe(200);
      await page.evaluate(() => bare.Session.signOut());
      expect(await page.evaluate(() => bare.Session.doesSessionExist())).toBe(false);
      expect(await status(page)).toBe(401);
    }));

  it('refreshes an expired session from two tabs at once', () =>
    front.visit('bare-two-tabs', mode, async ({ open }) => {
      const first = await open('bare');
      expect(await signIn(first, 'user@example.com')).toBe('OK');
      const second = await open('bare');
      const expiry = await first.evaluate(async () => (await bare.Session.getAccessTokenPayloadSecurely()).exp);
      await first.waitForFunction((exp) => Date.now() / 1000 > exp, expiry);
      expect(await Promise.all([status(first), status(second)])).toEqual([200, 200]);
      expect(await first.evaluate(() => bare.events)).not.toContain('UNAUTHORISED');
      expect(await second.evaluate(() => bare.events)).not.toContain('UNAUTHORISED');
      const refreshed = (await Promise.all([first, second].map((page) => page.evaluate(() => bare.events)))).flat();
      expect(refreshed).toContain('REFRESH_SESSION');
    }));
});
