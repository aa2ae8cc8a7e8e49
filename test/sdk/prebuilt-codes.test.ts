/** auth-react's prebuilt screens when a code does not come, does not fit, is typed elsewhere, or would not help. */
import { describe, expect, it, vi } from 'vitest';
import { noChromium } from '../support/chromium.ts';
import { otherThan } from '../support/otp.ts';
import { writeTenant } from '../support/by-hand.ts';
import { MODES, useFrontEnd } from './front-end.ts';
import { EVERYBODY, IMPOSSIBLE, IMPOSSIBLE_SAYS } from './policies.ts';
import { atHome, codeField, deniedScreen, signUp, typeCode } from './screens.ts';

/** Whole walks through a browser, on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const front = useFrontEnd({ public: {}, asked: EVERYBODY });

describe.skipIf(noChromium !== undefined).each(MODES)('supertokens-auth-react 0.51.3, %s mode', (mode) => {
  it('sends a code again, and takes the newer one alone', () =>
    front.visit('resend', mode, async ({ open, address }) => {
      const page = await open('prebuilt', 'asked');
      await signUp(page, address);
      await codeField(page).waitFor();
      const first = await front.run().code(address);
      await page.getByText('Resend Email').click();
      await page.getByText('Email resent').waitFor();
      const second = await front.run().code(address, first);
      await typeCode(page, first);
      await page.getByText('Invalid OTP').waitFor();
      await typeCode(page, second);
      await atHome(page);
    }));

  it('denies access after five wrong codes, and begins anew on a reload', () =>
    front.visit('exhausted', mode, async ({ open, address }) => {
      const page = await open('prebuilt', 'asked');
      await signUp(page, address);
      await codeField(page).waitFor();
      const first = await front.run().code(address);
      for (let guess = 1; guess <= 4; guess += 1) {
        const answered = page.waitForResponse('**/signinup/code/consume');
        await typeCode(page, otherThan(first));
        expect(await (await answered).json()).toMatchObject({ failedCodeInputAttemptCount: guess });
        await page.getByText('Invalid OTP').waitFor();
      }
      await typeCode(page, otherThan(first));
      await deniedScreen(page).waitFor();
      await page.reload();
      await codeField(page).waitFor();
      await typeCode(page, await front.run().code(address, first));
      await atHome(page);
    }));

  it('goes on in a second tab with the code of the first', () =>
    front.visit('second-tab', mode, async ({ open, address }) => {
      const first = await open('prebuilt', 'asked');
      await signUp(first, address);
      await codeField(first).waitFor();
      const second = await open('prebuilt', 'asked');
      await codeField(second).waitFor();
      await typeCode(second, await front.run().code(address));
      await atHome(second);
      expect(await front.run().inbox(address)).toHaveLength(1);
      await first.reload();
      await atHome(first);
    }));

  it('says what is missing where nobody could meet the policy, and denies access to every screen', () =>
    front.visit('impossible', mode, async ({ open, address }) => {
      await writeTenant(front.run(), 'impossible', { allowedOrigins: [front.origin()], ...IMPOSSIBLE });
      const page = await open('prebuilt', 'impossible');
      await signUp(page, address);
      await page.getByRole('alert').getByText(IMPOSSIBLE_SAYS).waitFor();
      await page.goto(`${front.origin()}/auth/mfa/otp-email`);
      await deniedScreen(page).waitFor();
      await page.goto(front.origin());
      await page.getByRole('alert').getByText(IMPOSSIBLE_SAYS).waitFor();
      expect(await front.run().inbox(address)).toEqual([]);
    }));
});
