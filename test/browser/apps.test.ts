import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { noChromium } from '../support/chromium.ts';
import { APPS, codeAt, STEP, wrongCode } from '../support/totp.ts';
import { codeField, enter, field, heading, press, somebody, useHostedPages } from './visits.ts';

const OPTIONAL = {
  mfaPolicy: { rules: [{ id: 'opted-in', requireFrom: 'user' }] },
  secondFactors: ['otp-email', 'totp', 'backup-code'],
  backupCodeReplaces: ['totp'],
};

describe.skipIf(noChromium !== undefined)('an authenticator app', () => {
  const { run, visit } = useHostedPages({ tenants: { apps: APPS, optional: OPTIONAL } });

  /** The key as the page shows it for typing. */
  const keyOn = async (page: Page): Promise<string> =>
    (await page.locator('.key code').innerText()).replaceAll(' ', '');

  /** Signs up where everybody needs an app, and sets it up. */
  const enrolled = async (page: Page, email: string): Promise<string> => {
    await enter(page, email);
    await heading(page, 'Set up an authenticator app');
    const key = await keyOn(page);
    await codeField(page).fill(codeAt(key, Date.now()));
    await page.getByText('Your authenticator app is set up.').waitFor();
    return key;
  };
  const leave = (page: Page) => page.getByRole('button', { name: 'Sign out', exact: true }).last().click();

  it('is set up by picture or key, and its code asked for at the next sign-in', () =>
    visit('/sign-up?tenantId=apps', async (page) => {
      const email = somebody();
      await enter(page, email);
      await heading(page, 'Set up an authenticator app');
      await page.getByRole('img', { name: 'QR code for your authenticator app' }).waitFor();
      expect(
        await page.evaluate("(i => i.decode().then(() => i.naturalWidth))(document.querySelector('.qr'))"),
      ).toBeGreaterThan(100);
      const key = await keyOn(page);
      const address = await page.getByRole('link', { name: /Open in an app/ }).getAttribute('href');
      expect(new URL(address!).searchParams.get('secret')).toBe(key);
      await codeField(page).fill(wrongCode(key, Date.now()));
      await page.getByRole('alert').getByText('That code is not right.').waitFor();
      await codeField(page).fill(codeAt(key, Date.now()));
      await page.getByText('Your authenticator app is set up.').waitFor();
      await leave(page);
      await enter(page, email);
      await heading(page, 'Enter the code of your app');
      await page.reload();
      await codeField(page).fill(wrongCode(key, Date.now()));
      await page
        .getByRole('alert')
        .getByText(/That code is not right. Attempts left/)
        .waitFor();
      expect(await codeField(page).inputValue()).toBe('');
      await codeField(page).fill(codeAt(key, Date.now() + STEP));
      await heading(page, 'Account security');
    }));

  it('has backup codes beside it: shown once, counted, and each good for one sign-in', () =>
    visit('/sign-up?tenantId=apps', async (page) => {
      const email = somebody();
      await enrolled(page, email);
      await press(page, 'Make backup codes');
      await heading(page, 'Your backup codes');
      const codes = await page.locator('.codes code').allInnerTexts();
      expect(codes).toHaveLength(10);
      const download = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Download' }).click();
      expect(await readFile(await (await download).path(), 'utf8')).toContain(codes.join('\n'));
      await press(page, 'I have saved them');
      await page.getByText('10 left').waitFor();
      await page.goBack();
      expect(await page.getByText(codes[0]!).count()).toBe(0);
      await page.goto(`${run().origin}/settings?tenantId=apps`);
      await page.getByText('10 left').waitFor();
      await leave(page);
      await enter(page, email);
      await press(page, /Backup code/);
      await field(page, 'backup-code').fill('0000-0000-0000');
      await press(page, 'Continue');
      await page.getByRole('alert').getByText('That code is not right.').waitFor();
      await field(page, 'backup-code').fill(codes[3]!.toLowerCase().replaceAll('-', ' '));
      await press(page, 'Continue');
      await page.getByRole('status').getByText('You have used a backup code. Left: 9.').waitFor();
      await page.getByText('9 left').waitFor();
    }));

  it('is switched on, joined by another and removed in the settings', () =>
    visit('/sign-up?tenantId=optional', async (page) => {
      await enter(page, somebody());
      await page.getByRole('switch', { name: 'Authenticator app' }).click();
      await heading(page, 'Set up an authenticator app');
      await codeField(page).fill(codeAt(await keyOn(page), Date.now()));
      await page.getByText('Authenticator app is switched on.').waitFor();
      await press(page, 'Add an app');
      await heading(page, 'Set up an authenticator app');
      await codeField(page).fill(codeAt(await keyOn(page), Date.now()));
      await press(page, 'Remove Authenticator app 2');
      await page.getByText('Authenticator app 2 is removed.').waitFor();
      // The last one stays while it is asked for.
      await press(page, /^Remove Auth/);
      await page.getByRole('alert').getByText('Please switch it off first.').waitFor();
    }));
});
