import { describe, expect, it } from 'vitest';
import { noChromium } from '../support/chromium.ts';
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

describe.skipIf(noChromium !== undefined)('a forgotten password', () => {
  const { run, visit } = useHostedPages({ tenants: { optin: OPT_IN } });

  it('is chosen anew by the link in a mail, which opens once and is gone from the address bar', () =>
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

  it('of an address without an account gets the same answer, and no mail', () =>
    visit('/reset-password', async (page) => {
      await field(page, 'email').fill('nobody@example.com');
      await press(page, 'Send link');
      await page.getByText('If there is an account for nobody@example.com').waitFor();
      expect(await run().inbox('nobody@example.com')).toEqual([]);
    }));
});

describe.skipIf(noChromium !== undefined)('a known password', () => {
  const { run, visit } = useHostedPages({ tenants: { optin: OPT_IN } });

  it('is changed in the settings: by who knows it, after a fresh code where there is a second factor', () =>
    visit('/sign-up?tenantId=optin', async (page) => {
      const email = somebody();
      await enter(page, email);
      await page.getByRole('switch', { name: 'E-mail' }).click();
      const first = await run().code(email);
      await codeField(page).fill(first);
      await page.getByText('E-mail is switched on.').waitFor();
      await press(page, 'Change password');
      await heading(page, 'Change password');
      await field(page, 'current').fill('not this one, surely');
      await field(page, 'password').fill(ANOTHER);
      await press(page, 'Save password');
      await page.getByText('This is not your current password.').waitFor();
      await field(page, 'current').fill(PASSWORD);
      await field(page, 'password').fill(ANOTHER);
      await press(page, 'Save password');
      await page.getByRole('status').getByText('Your password is changed.').waitFor();
    }));
});
