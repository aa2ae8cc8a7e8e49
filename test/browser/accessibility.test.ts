import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { noChromium } from '../support/chromium.ts';
import { otherThan } from '../support/otp.ts';
import { APPS, codeAt } from '../support/totp.ts';
import {
  axeFindings,
  codeField,
  EITHER,
  enter,
  EVERYBODY,
  heading,
  linkTo,
  NOBODY,
  OPT_IN,
  overflow,
  PHONE,
  press,
  somebody,
  useHostedPages,
} from './visits.ts';

const OPEN = [
  '/',
  '/sign-up',
  '/denied',
  '/nowhere',
  '/?lang=hu',
  '/?tenantId=nobody-knows',
  '/sign-up?tenantId=pale',
  '/?tenantId=apps',
  '/passwordless',
  '/verify?preAuthSessionId=of-none#of-none',
  '/callback/corp?code=of-none',
  '/reset-password',
  '/reset-password?token=of-none&lang=hu',
  '/verify-email?token=of-none',
  '/revert?token=of-none&lang=hu',
  '/revert',
  '/not-me?token=of-none&lang=hu',
  '/not-me',
];
const SCHEMES = [
  ['light', 'all'],
  ['dark', 'colours'],
] as const;
const EVERY_WAY = {
  ...APPS,
  rememberDevice: { days: 7 },
  providers: [{ thirdPartyId: 'google', clientId: 'of-none', clientSecret: 'of none' }],
};
const PALE = { ...EVERYBODY, name: 'A rather long name for a small organisation', branding: { color: '#cfe8ff' } };

describe.skipIf(noChromium !== undefined)('at 320 pixels', () => {
  const { run, visit } = useHostedPages({
    tenants: { either: EITHER, pale: PALE, optin: OPT_IN, apps: EVERY_WAY },
    byHand: { nobody: NOBODY },
  });
  const options = { ...PHONE, bypassCSP: true, reducedMotion: 'reduce' } as const;
  const fits = async (page: Page): Promise<void> => {
    // Day and night differ in colours and in nothing else.
    for (const [colorScheme, part] of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await axeFindings(page, part), `${page.url()} (${colorScheme})`).toEqual([]);
    }
    expect(await overflow(page), page.url()).toBeLessThanOrEqual(0);
  };

  it('axe is content by day and by night, and nothing scrolls sideways: what everybody may open', () =>
    visit(
      '/',
      async (page) => {
        for (const path of OPEN) {
          await page.goto(run().origin + path);
          await page.locator('h1').waitFor();
          await fits(page);
        }
      },
      options,
    ));

  it('the choice, the code, a wrong and a used-up code, and the settings too', () =>
    visit(
      '/sign-up?tenantId=either',
      async (page) => {
        const email = somebody();
        await enter(page, email);
        await heading(page, 'Confirm it is you');
        await page.getByRole('button', { name: /Text message/ }).waitFor();
        await fits(page);
        await press(page, /E-mail/);
        await codeField(page).waitFor();
        await fits(page);
        const code = await run().code(email);
        await codeField(page).fill(otherThan(code));
        await page.getByText('Attempts left: 4.').waitFor();
        await fits(page);
        for (const left of [3, 2, 1]) {
          await codeField(page).fill(otherThan(code));
          await page.getByText(`Attempts left: ${left}.`).waitFor();
        }
        await codeField(page).fill(otherThan(code));
        await page.getByText('This code cannot be used any more.').waitFor();
        await fits(page);
        await press(page, 'Send a new code');
        await codeField(page).fill(await run().code(email, code));
        await page.getByText('Your organisation asks for it.').first().waitFor();
        await page.getByText('This device').waitFor();
        await fits(page);
      },
      options,
    ));

  it('the phone number, the switches, and what has just happened', () =>
    visit(
      '/sign-up?tenantId=optin',
      async (page) => {
        const email = somebody();
        await enter(page, email);
        await page.getByText('This device').waitFor();
        await page.getByRole('switch', { name: 'Text message' }).click();
        await page.getByLabel('Phone number').waitFor();
        await fits(page);
        await press(page, 'Cancel');
        await page.getByRole('switch', { name: 'E-mail' }).click();
        await codeField(page).fill(await run().code(email));
        await page.getByText('E-mail is switched on.').waitFor();
        await page.getByText('This device').waitFor();
        await fits(page);
        await page.goto(await linkTo(run(), email));
        await press(page, 'Secure my account');
        await page.getByText('Every device is signed out').waitFor();
        await fits(page);
      },
      options,
    ));

  it('an app, backup codes, and what the settings lead to', () =>
    visit(
      '/sign-up?tenantId=apps',
      async (page) => {
        const email = somebody();
        await enter(page, email);
        await page.locator('.qr').waitFor();
        await fits(page);
        await codeField(page).fill(
          codeAt((await page.locator('.key code').innerText()).replaceAll(' ', ''), Date.now()),
        );
        await press(page, 'Make backup codes');
        await heading(page, 'Your backup codes');
        await fits(page);
        await press(page, 'I have saved them');
        for (const name of ['Change password', 'Change your e-mail']) {
          await press(page, name);
          await heading(page, name);
          await fits(page);
          await press(page, 'Cancel');
        }
        await page.getByText('10 left').waitFor();
        await page.getByText('This device').waitFor();
        await fits(page);
        await page.getByRole('button', { name: 'Sign out', exact: true }).last().click();
        await enter(page, email);
        await press(page, /Backup code/);
        await heading(page, 'Enter a backup code');
        await fits(page);
        await press(page, 'Use another method');
        await press(page, /Authenticator app/);
        await page.getByRole('checkbox').waitFor();
        await fits(page);
      },
      options,
    ));

  it('the reason why somebody cannot continue', () =>
    visit(
      '/sign-up?tenantId=nobody',
      async (page) => {
        await enter(page, somebody());
        await page.getByText('cannot be set up here: Passkey').waitFor();
        await fits(page);
      },
      options,
    ));
});
