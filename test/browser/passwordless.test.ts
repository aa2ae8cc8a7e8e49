import { describe, expect, it } from 'vitest';
import { noChromium } from '../support/chromium.ts';
import { otherThan } from '../support/otp.ts';
import { codeField, field, heading, linkTo, press, somebody, useHostedPages } from './visits.ts';

const NOT_ASKED = { mfaPolicy: { rules: [] } };
const LINKS = { ...NOT_ASKED, firstFactors: ['link-email'] };
const BOTH = { ...NOT_ASKED, firstFactors: ['otp-email', 'link-email'], contactMethod: 'EMAIL' };

describe.skipIf(noChromium !== undefined)('without a password', () => {
  const { run, visit } = useHostedPages({
    tenants: { codes: NOT_ASKED, links: LINKS, both: BOTH, words: { ...NOT_ASKED, firstFactors: ['emailpassword'] } },
  });

  it('a code by mail signs up and in; a wrong one is counted, a reload sends nothing', () =>
    visit('/?tenantId=codes', async (page) => {
      const email = somebody();
      await press(page, 'Sign in without a password');
      await field(page, 'contact').fill(email);
      await press(page, 'Send');
      await heading(page, 'Enter the code');
      const code = await run().code(email);
      await codeField(page).fill(otherThan(code));
      await page.getByText('Attempts left: 4.').waitFor();
      await page.reload();
      await page.getByText('Attempts left: 4.').waitFor();
      expect(await run().inbox(email)).toHaveLength(1);
      await press(page, /^Send a new code$/);
      await page.getByText('A new code is on its way.').waitFor();
      await codeField(page).fill(await run().code(email, code));
      await heading(page, 'Account security');
    }));

  it('a code by text message does as well, however the number is written', () =>
    visit('/passwordless?tenantId=codes', async (page) => {
      await field(page, 'contact').fill('+36 (30) 111-2233');
      await press(page, 'Send');
      await page.getByText('We sent a code by text message to +36301112233.').waitFor();
      await codeField(page).fill(await run().code('+36301112233'));
      await heading(page, 'Account security');
    }));

  it('a link signs in at the press of a button, once, in any browser, and leaves no secret in the address', () =>
    visit('/?tenantId=links', async (page, context) => {
      const email = somebody();
      expect(await field(page, 'password').count()).toBe(0);
      await field(page, 'contact').fill(email);
      await press(page, 'Send');
      await heading(page, 'Check your messages');
      await page.getByText(`We sent a link to ${email}.`).waitFor();
      const link = await linkTo(run(), email);
      await context.clearCookies();
      await page.evaluate('localStorage.clear()');
      const secret = new URL(link).hash.slice(1);
      expect(secret.length).toBeGreaterThan(20);
      await page.goto(link);
      await page.getByText('Is it you who asked for this link?').waitFor();
      expect(page.url()).not.toContain(secret);
      await press(page, 'Sign in');
      await heading(page, 'Account security');
      await context.clearCookies();
      await page.goto(link);
      await press(page, 'Sign in');
      await page.getByRole('alert').getByText('This link cannot be used any more.').waitFor();
    }));

  it('a message with both says so, and the code works', () =>
    visit('/?tenantId=both', async (page) => {
      const email = somebody();
      await field(page, 'contact').fill(email);
      await press(page, 'Send');
      await page.getByText('Or open the link in the message.').waitFor();
      await codeField(page).fill(await run().code(email));
      await heading(page, 'Account security');
    }));

  it('is not offered where the tenant takes passwords alone', () =>
    visit('/?tenantId=words', async (page) => {
      await field(page, 'password').waitFor();
      expect(await page.getByRole('button', { name: 'Sign in without a password' }).count()).toBe(0);
      await page.goto(`${run().origin}/passwordless?tenantId=words`);
      await field(page, 'password').waitFor();
    }));
});
