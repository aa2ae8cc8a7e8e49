import { describe, expect, it } from 'vitest';
import { ageFactors, userIdOf } from '../support/by-hand.ts';
import { noChromium } from '../support/chromium.ts';
import { otherThan } from '../support/otp.ts';
import {
  codeField,
  enter,
  field,
  heading,
  linkTo,
  OPT_IN,
  PASSWORD,
  press,
  somebody,
  useHostedPages,
} from './visits.ts';

const ANOTHER = 'quite another word or two 7';

describe.skipIf(noChromium !== undefined)('passwords and addresses', () => {
  const { run, visit } = useHostedPages({
    tenants: {
      optin: OPT_IN,
      proven: { mfaPolicy: { rules: [] }, emailVerification: 'REQUIRED' },
      silent: { ...OPT_IN, strictEnumeration: true },
    },
  });

  it('a forgotten password is chosen anew by the link in a mail, which opens once and is gone from the address bar', () =>
    visit('/sign-up?tenantId=optin', async (page, context) => {
      const email = somebody();
      await enter(page, email);
      await heading(page, 'Account security');
      await context.clearCookies();
      await page.goto(`${run().origin}/?tenantId=optin`);
      await press(page, 'Forgot your password?');
      await heading(page, 'Reset password');
      await field(page, 'email').fill(email);
      await page.keyboard.press('Enter');
      await heading(page, 'Check your e-mail');
      const link = await linkTo(run(), email);
      await page.goto(link);
      await heading(page, 'Choose a new password');
      expect(new URL(page.url()).search).toBe('?tenantId=optin');
      await field(page, 'password').fill('short');
      await press(page, 'Save password');
      await page.getByText('The password must have at least 8 characters.').waitFor();
      await field(page, 'password').fill(ANOTHER);
      await press(page, 'Save password');
      await page.getByRole('status').getByText('Your new password is saved.').waitFor();
      // The link begins no session.
      await page.getByRole('link', { name: 'Sign in' }).click();
      await field(page, 'email').fill(email);
      await field(page, 'password').fill(ANOTHER);
      await page.keyboard.press('Enter');
      await heading(page, 'Account security');

      await page.goto(link);
      await field(page, 'password').fill(`${ANOTHER}!`);
      await press(page, 'Save password');
      await page.getByRole('alert').getByText('This link cannot be used any more.').waitFor();
      await press(page, 'Ask for a new link');
      await heading(page, 'Reset password');
    }));

  it('a link for an address without an account gets the same answer, and no mail', () =>
    visit('/reset-password', async (page) => {
      await field(page, 'email').fill('nobody@example.com');
      await press(page, 'Send link');
      await page.getByText('If there is an account for nobody@example.com').waitFor();
      expect(await run().inbox('nobody@example.com')).toEqual([]);
    }));

  it('a known password is changed in the settings: by who knows it, after a fresh code where there is a second factor', () =>
    visit('/sign-up?tenantId=optin', async (page) => {
      const email = somebody();
      await enter(page, email);
      await page.getByRole('switch', { name: 'E-mail' }).click();
      const first = await run().code(email);
      await codeField(page).fill(first);
      await page.getByText('E-mail is switched on.').waitFor();
      await press(page, 'Change password');
      await heading(page, 'Change password');
      // What a password manager reads, out of sight.
      await expect.poll(() => page.locator('input[autocomplete=username]').inputValue()).toBe(email);
      await field(page, 'current').fill('not this one, surely');
      await field(page, 'password').fill(ANOTHER);
      await press(page, 'Save password');
      await page.getByText('This is not your current password.').waitFor();
      await field(page, 'current').fill(PASSWORD);
      await field(page, 'password').fill(ANOTHER);
      await press(page, 'Save password');
      await page.getByRole('status').getByText('Your password is changed.').waitFor();
    }));

  it('a password is changed after a code where the last one is too old, and the change that waited for it is made', () =>
    visit('/sign-up?tenantId=optin', async (page, context) => {
      const email = somebody();
      await enter(page, email);
      await page.getByRole('switch', { name: 'E-mail' }).click();
      const first = await run().code(email);
      await codeField(page).fill(first);
      await page.getByText('E-mail is switched on.').waitFor();
      await ageFactors(run(), await userIdOf(run(), email, 'optin'), 400);
      await context.clearCookies({ name: 'sAccessToken' });

      await press(page, 'Change password');
      await field(page, 'current').fill(PASSWORD);
      await field(page, 'password').fill(ANOTHER);
      await press(page, 'Save password');
      await page.getByText('Please confirm it is you, then the change is made.').waitFor();
      expect(new URL(page.url()).search).toBe('?tenantId=optin');
      const second = await run().code(email, first);
      await codeField(page).fill(otherThan(second));
      await page.getByText('Attempts left: 4.').waitFor();
      await codeField(page).fill(second);
      await page.getByRole('status').getByText('Your password is changed.').waitFor();
      await heading(page, 'Account security');

      await context.clearCookies();
      await page.goto(`${run().origin}/?tenantId=optin`);
      await enter(page, email);
      await page.getByRole('alert').getByText('E-mail or password is wrong.').waitFor();
      await field(page, 'password').fill(ANOTHER);
      await page.keyboard.press('Enter');
      await codeField(page).waitFor();
    }));

  it('an address is changed once its code is typed in, and taken back by the one before', () =>
    visit('/sign-up?tenantId=optin', async (page) => {
      const [before, after] = [somebody(), somebody()];
      await enter(page, before);
      await page.getByRole('switch', { name: 'E-mail' }).click();
      await codeField(page).fill(await run().code(before));
      await page.getByText('E-mail is switched on.').waitFor();
      await press(page, 'Change your e-mail');
      await field(page, 'contact').fill(before);
      await press(page, 'Continue');
      await page.getByRole('alert').getByText('This is yours already.').waitFor();
      await field(page, 'contact').fill(after);
      await press(page, 'Continue');
      await page.getByText(`We sent a code by e-mail to ${after}.`).waitFor();
      const code = await run().code(after);
      await codeField(page).fill(otherThan(code));
      await page.getByText('Attempts left: 4.').waitFor();
      await codeField(page).fill(code);
      await page.getByRole('status').getByText('Your e-mail address is changed.').waitFor();

      await page.goto(await linkTo(run(), before));
      await heading(page, 'Was it not you?');
      expect(page.url()).not.toContain('token');
      await press(page, 'Take it back');
      await page.getByRole('status').getByText('The change is taken back').waitFor();
      await page.getByRole('link', { name: 'Choose a new password' }).click();
      await heading(page, 'Reset password');
      await page.goto(`${run().origin}/settings?tenantId=optin`);
      await heading(page, 'Sign in');

      // Of that too there was a notice, with a link of its own, which works once.
      const notMe = await linkTo(run(), before);
      expect(new URL(notMe).pathname).toBe('/not-me');
      await page.goto(notMe);
      await press(page, 'Secure my account');
      await page.getByRole('status').getByText('Every device is signed out').waitFor();
      expect(page.url()).not.toContain('token');
      await page.goto(notMe);
      await press(page, 'Secure my account');
      await page.getByRole('alert').getByText('This link cannot be used any more.').waitFor();
    }));

  it('a phone number is changed once its code is typed in, and the mailbox is told', () =>
    visit('/sign-up?tenantId=optin', async (page) => {
      const email = somebody();
      const [before, after] = ['+36301230011', '+36301230022'];
      await enter(page, email);
      await page.getByRole('switch', { name: 'Text message' }).click();
      await page.getByLabel('Phone number').fill(before);
      await page.keyboard.press('Enter');
      await codeField(page).fill(await run().code(before));
      await page.getByText('Text message is switched on.').waitFor();
      const told = (await run().inbox(email)).length;

      await press(page, 'Change phone number');
      await heading(page, 'Change phone number');
      await field(page, 'contact').fill(after);
      await press(page, 'Continue');
      await codeField(page).fill(await run().code(after));
      await page.getByRole('status').getByText('Your phone number is changed.').waitFor();
      expect((await run().inbox(email)).length).toBeGreaterThan(told);
      const messages = await run().inbox(before);
      expect(messages.at(-1)?.text).not.toContain(after);
    }));

  it('an address is confirmed by a link before anybody gets on, where the tenant wants it', () =>
    visit('/sign-up?tenantId=proven', async (page, context) => {
      const email = somebody();
      await enter(page, email);
      await heading(page, 'Confirm your address');
      const link = await linkTo(run(), email);
      await page.reload();
      await press(page, 'I have opened it');
      await page.getByRole('alert').getByText('The address is not confirmed yet.').waitFor();
      expect(await run().inbox(email)).toHaveLength(1);
      const other = await context.newPage();
      await other.goto(link);
      expect(other.url()).not.toContain('token');
      await press(other, 'Confirm');
      await other.getByRole('status').getByText('Your e-mail address is confirmed.').waitFor();
      await press(page, 'I have opened it');
      await heading(page, 'Account security');
      await other.goto(link);
      await press(other, 'Confirm');
      await other.getByRole('alert').getByText('This link cannot be used any more.').waitFor();
    }));

  it('an account is made by mail where the tenant tells nobody who has an account', () =>
    visit('/sign-up?tenantId=silent', async (page) => {
      const email = somebody();
      await enter(page, email);
      await page.getByRole('status').getByText('We sent you an e-mail.').waitFor();
      await page.goto(await linkTo(run(), email));
      await press(page, 'Confirm');
      await page.getByRole('link', { name: 'Sign in' }).click();
      await enter(page, email);
      await heading(page, 'Account security');
    }));
});
