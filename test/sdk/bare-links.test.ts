/** supertokens-web-js without screens: what links in mails do. */
import type { Page } from 'playwright-core';
import { describe, expect, it, vi } from 'vitest';
import { noChromium } from '../support/chromium.ts';
import type { Bare } from './app/bare.ts';
import { signIn, signOut, signUp, status } from './bare-calls.ts';
import { MODES, NEW_PASSWORD, useFrontEnd } from './front-end.ts';

declare const bare: Bare;

/** Whole walks through a browser, on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const NEWER_PASSWORD = `${NEW_PASSWORD} again`;
const NOBODY_IS_ASKED = { mfaPolicy: { rules: [] } };

const front = useFrontEnd({
  public: { mfaPolicy: { rules: [{ id: 'all', require: ['otp-email'] }] } },
  links: { ...NOBODY_IS_ASKED, firstFactors: ['link-email'], contactMethod: 'EMAIL' },
  proof: { ...NOBODY_IS_ASKED, emailVerification: 'REQUIRED' },
});

/** Opens the newest link to an address: the page it names is the same application, wherever that keeps its pages. */
async function openLink(page: Page, address: string): Promise<URL> {
  const link = (await front.run().inbox(address)).findLast((mail) => mail.link !== undefined)?.link;
  if (link === undefined) throw new Error(`no link was sent to ${address}`);
  const target = new URL(link);
  const landing = new URL(page.url());
  for (const [name, value] of target.searchParams) landing.searchParams.set(name, value);
  landing.hash = target.hash;
  // With a fragment alone the browser would stay on the page.
  await page.goto('about:blank');
  await page.goto(landing.href);
  return target;
}

const hasSession = (page: Page) => page.evaluate(() => bare.Session.doesSessionExist());

describe.skipIf(noChromium !== undefined).each(MODES)('supertokens-web-js 0.16.0, %s mode', (mode) => {
  it('sets a forgotten password anew by a link, is not signed in by it, and owes the code as before', () =>
    front.visit('reset', mode, async ({ open, address }) => {
      const page = await open('bare');
      await signUp(page, address);
      await signOut(page);
      const asked = await page.evaluate(
        (value) => bare.EmailPassword.sendPasswordResetEmail({ formFields: [{ id: 'email', value }] }),
        address,
      );
      expect(asked.status).toBe('OK');
      const link = await openLink(page, address);
      expect([link.origin, link.pathname]).toEqual([front.origin(), '/auth/reset-password']);
      const reset = () =>
        page.evaluate(
          async (value) =>
            (await bare.EmailPassword.submitNewPassword({ formFields: [{ id: 'password', value }] })).status,
          NEWER_PASSWORD,
        );
      expect(await reset()).toBe('OK');
      expect(await hasSession(page)).toBe(false);
      expect(await reset()).toBe('RESET_PASSWORD_INVALID_TOKEN_ERROR');
      expect(await signIn(page, address, NEW_PASSWORD)).toBe('WRONG_CREDENTIALS_ERROR');
      expect(await signIn(page, address, NEWER_PASSWORD)).toBe('OK');
      expect(await status(page)).toBe(403);
    }));

  it('proves an address by a link, and is let in at once', () =>
    front.visit('verify', mode, async ({ open, address }) => {
      const page = await open('bare', 'proof');
      await signUp(page, address);
      expect(await status(page)).toBe(403);
      expect(await page.evaluate(async () => (await bare.EmailVerification.isEmailVerified()).isVerified)).toBe(false);
      expect(await page.evaluate(async () => (await bare.EmailVerification.sendVerificationEmail()).status)).toBe('OK');
      const link = await openLink(page, address);
      expect([link.origin, link.pathname]).toEqual([front.origin(), '/auth/verify-email']);
      const verify = () => page.evaluate(async () => (await bare.EmailVerification.verifyEmail()).status);
      expect(await verify()).toBe('OK');
      expect(await status(page)).toBe(200);
      expect(await verify()).toBe('EMAIL_VERIFICATION_INVALID_TOKEN_ERROR');
    }));

  it('signs in by a link that works once', () =>
    front.visit('magic', mode, async ({ open, address }) => {
      const page = await open('bare', 'links');
      const made = await page.evaluate((email) => bare.Passwordless.createCode({ email }), address);
      expect(made).toMatchObject({ status: 'OK', flowType: 'MAGIC_LINK' });
      const link = await openLink(page, address);
      expect([link.origin, link.pathname]).toEqual([front.origin(), '/auth/verify']);
      expect(await hasSession(page)).toBe(false);
      const consume = () => page.evaluate(() => bare.Passwordless.consumeCode());
      expect(await consume()).toMatchObject({ status: 'OK', createdNewRecipeUser: true });
      expect(await status(page)).toBe(200);
      await signOut(page);
      expect(await consume()).toMatchObject({ status: 'RESTART_FLOW_ERROR' });
      expect(await hasSession(page)).toBe(false);
    }));
});
