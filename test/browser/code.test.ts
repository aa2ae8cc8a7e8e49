import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { noChromium } from '../support/chromium.ts';
import { otherThan } from '../support/otp.ts';
import { codeField, EITHER, enter, EVERYBODY, heading, NOBODY, press, somebody, useHostedPages } from './visits.ts';

describe.skipIf(noChromium !== undefined)('the code page', () => {
  const { run, visit } = useHostedPages({
    tenants: { everybody: EVERYBODY, either: EITHER },
    byHand: { nobody: NOBODY },
  });

  /** A new account, with its first code on the way. */
  const asked = (walk: (page: Page, email: string) => Promise<void>) =>
    visit('/sign-up?tenantId=everybody', async (page) => {
      const email = somebody();
      await enter(page, email);
      await codeField(page).waitFor();
      await walk(page, email);
    });

  it('says where the code went, counts attempts, keeps the field in focus, and takes a pasted code', () =>
    asked(async (page, email) => {
      await page.getByText('We sent a code by e-mail to p•••@example.com.').waitFor();
      const code = await run().code(email);
      await codeField(page).fill(otherThan(code));
      await page.getByRole('alert').getByText('That code is not right. Attempts left: 4.').waitFor();
      await expect.poll(() => codeField(page).inputValue()).toBe('');
      expect(await page.evaluate('document.activeElement.autocomplete')).toBe('one-time-code');
      await codeField(page).fill(` ${code.slice(0, 3)} ${code.slice(3)}`);
      await heading(page, 'Account security');
    }));

  it('is the same after a reload: nothing is sent again, attempts and countdown go on', () =>
    asked(async (page, email) => {
      const code = await run().code(email);
      await codeField(page).fill(otherThan(code));
      await page.getByText('Attempts left: 4.').waitFor();
      await press(page, /^Send a new code$/);
      await page.getByText('A new code is on its way.').waitFor();
      const newer = await run().code(email, code);
      await page.reload();
      await page.getByText('Attempts left: 4').waitFor();
      // Another countdown of two seconds would have begun with a code sent again.
      await page.goto(`${run().origin}/?tenantId=everybody`);
      await codeField(page).waitFor();
      expect(await run().inbox(email)).toHaveLength(2);
      await codeField(page).fill(newer);
      await heading(page, 'Account security');
    }));

  it('counts down from when the code was sent, not from when it was opened', () =>
    asked(async (page) => {
      const resend = page.getByRole('button', { name: /Send a new code/ });
      expect(await resend.isDisabled()).toBe(true);
      await page.getByRole('button', { name: /^Send a new code$/ }).waitFor();
      await page.reload();
      await resend.waitFor();
      expect(await resend.isDisabled()).toBe(false);
    }));

  it('offers a new code once the attempts are used up', () =>
    asked(async (page, email) => {
      const code = await run().code(email);
      for (const left of [4, 3, 2, 1]) {
        await codeField(page).fill(otherThan(code));
        await page.getByText(`Attempts left: ${left}.`).waitFor();
      }
      await codeField(page).fill(otherThan(code));
      await page.getByRole('alert').getByText('This code cannot be used any more.').waitFor();
      expect(await codeField(page).count()).toBe(0);
      await press(page, 'Send a new code');
      await codeField(page).fill(await run().code(email, code));
      await heading(page, 'Account security');
    }));

  it('is reached by a choice, and left for the other method, where either will do', () =>
    visit('/sign-up?tenantId=either', async (page) => {
      const email = somebody();
      await enter(page, email);
      await heading(page, 'Confirm it is you');
      await press(page, /E-mail to p•••@example\.com/);
      await codeField(page).waitFor();
      await press(page, 'Use another method');
      await press(page, /Text message/);
      await heading(page, 'Add a phone number');
      await page.getByLabel('Phone number').fill('12');
      await press(page, 'Continue');
      await page.getByRole('alert').getByText('This is not a phone number.').waitFor();
      await page.getByLabel('Phone number').fill('+36 30 123 4567');
      await press(page, 'Continue');
      await page.getByText('We sent a code by text message to +36301234567.').waitFor();
      await codeField(page).fill(await run().code('+36301234567'));
      await page.getByText('Your organisation asks for it. E-mail will do instead.').waitFor();
      await page.getByText('Not needed while you have this: Text message.').waitFor();
    }));

  it('is replaced by the reason where nobody can meet what is asked', () =>
    visit('/sign-up?tenantId=nobody', async (page) => {
      await enter(page, somebody());
      await heading(page, 'You cannot continue');
      await page.getByText('it cannot be set up here: Passkey.').waitFor();
      await page.reload();
      await page.getByText('cannot be set up here: Passkey').waitFor();
      await press(page, 'Sign out');
      await heading(page, 'Sign in');
    }));
});

describe.skipIf(noChromium !== undefined)('a code that has expired', () => {
  const { run, visit } = useHostedPages({ tenants: { everybody: EVERYBODY }, env: { OTP_SECONDS: '2' } });

  it('is told as such, and a new one goes out', () =>
    visit('/sign-up?tenantId=everybody', async (page) => {
      const email = somebody();
      await enter(page, email);
      await codeField(page).waitFor();
      const code = await run().code(email);
      await page.waitForTimeout(2_100);
      await codeField(page).fill(code);
      await page.getByRole('alert').getByText('This code has expired.').waitFor();
      expect(await codeField(page).count()).toBe(0);
      await press(page, 'Send a new code');
      await codeField(page).fill(await run().code(email, code));
      await heading(page, 'Account security');
    }));
});
