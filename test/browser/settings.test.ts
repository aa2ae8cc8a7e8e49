import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { en } from '../../web/i18n/en.ts';
import { hu } from '../../web/i18n/hu.ts';
import { noChromium } from '../support/chromium.ts';
import { codeField, enter, heading, OPT_IN, press, somebody, useHostedPages } from './visits.ts';

const GRACE = { mfaPolicy: { rules: [{ id: 'everybody', require: ['otp-email'], graceDays: 30 }] } };

describe.skipIf(noChromium !== undefined)('account security', () => {
  const { run, visit } = useHostedPages({ tenants: { optin: OPT_IN, grace: GRACE } });
  const PATH = '/sign-up?tenantId=optin';

  const mail = (page: Page) => page.getByRole('switch', { name: 'E-mail' });
  const isOn = (page: Page) => mail(page).getAttribute('aria-checked');
  const leave = (page: Page) => page.getByRole('button', { name: 'Sign out', exact: true }).last().click();

  it('switches a code on after proving its address, and off again', () =>
    visit(PATH, async (page) => {
      const email = somebody();
      await enter(page, email);
      await mail(page).click();
      await codeField(page).waitFor();
      await codeField(page).fill(await run().code(email));
      await page.getByRole('status').getByText('E-mail is switched on.').waitFor();
      await page.getByText('p•••@example.com').waitFor();
      expect(await isOn(page)).toBe('true');
      await mail(page).click();
      await page.getByRole('status').getByText('E-mail is switched off.').waitFor();
      expect(await isOn(page)).toBe('false');
    }));

  it('asks for a fresh code first where the last one is old, then makes the change, and never by its address', () =>
    visit(PATH, async (page) => {
      const email = somebody();
      await enter(page, email);
      await mail(page).click();
      const first = await run().code(email);
      await codeField(page).fill(first);
      await mail(page).click();
      await page.getByText('E-mail is switched off.').waitFor();
      await leave(page);
      await enter(page, email);
      // A change that is given up stays undone, and leaves nothing behind.
      await mail(page).click();
      await codeField(page).waitFor();
      expect(new URL(page.url()).search).toBe('?tenantId=optin');
      await press(page, 'Cancel');
      await heading(page, 'Account security');
      expect(await isOn(page)).toBe('false');
      const second = await run().code(email, first);
      await mail(page).click();
      await page.getByText('Please confirm it is you, then the change is made.').waitFor();
      await codeField(page).fill(await run().code(email, second));
      await page.getByText('E-mail is switched on.').waitFor();
      expect(await isOn(page)).toBe('true');
    }));

  it.each([
    ['en', /^Required from [A-Z][a-z]+ \d{1,2}, \d{4}\. You can switch it on before\.$/u, 'E-mail'],
    ['hu', /^Kötelező ettől a naptól: \d{4}\. \p{L}+ \d{1,2}\. Addig is bekapcsolhatja\.$/u, 'E-mail'],
  ])(
    'says from when a factor is required that is not yet, and lets it be switched on before (%s)',
    (lang, text, name) =>
      visit(`/sign-up?tenantId=grace&lang=${lang}`, async (page) => {
        const email = somebody();
        await enter(page, email);
        await page.getByText(text).waitFor();
        await page.getByRole('switch', { name }).click();
        await codeField(page).fill(await run().code(email));
        await page.getByRole('switch', { name }).waitFor({ state: 'detached' });
        expect(await page.getByText(text).count()).toBe(0);
      }),
  );

  it('takes up a phone number and switches its codes on', () =>
    visit(PATH, async (page) => {
      await enter(page, somebody());
      await page.getByRole('switch', { name: 'Text message' }).click();
      await page.getByLabel('Phone number').fill('+36 (30) 765-4321');
      await press(page, 'Continue');
      await codeField(page).fill(await run().code('+36307654321'));
      await page.getByText('Text message is switched on.').waitFor();
      await page.getByText('+36 •••• 321').waitFor();
    }));

  it('leaves no English in a Hungarian page, from the account to the switch', () =>
    visit('/sign-up?tenantId=optin&lang=hu', async (page) => {
      const english = Object.entries(en).flatMap(([key, text]) =>
        typeof text === 'string' && text !== hu[key as keyof typeof hu] ? [text] : [],
      );
      const noEnglish = async (): Promise<void> => {
        const lines = (await page.locator('body').innerText()).split('\n');
        expect(english.filter((text) => lines.includes(text))).toEqual([]);
      };
      const email = somebody();
      await noEnglish();
      await enter(page, email);
      await page.getByText('Ez az eszköz').waitFor();
      await noEnglish();
      await mail(page).click();
      await page.getByText(/A kódot e-mailben küldtük ide/).waitFor();
      await noEnglish();
      await codeField(page).fill(await run().code(email));
      await page.getByText('E-mail: bekapcsolva.').waitFor();
      await noEnglish();
    }));

  it('says who asks for what cannot be switched off', () =>
    visit('/', async (page) => {
      await enter(page, 'admin@example.com');
      await codeField(page).fill(await run().code('admin@example.com'));
      await page.getByText('Required for your account by the rule “admins”.').waitFor();
      expect(await mail(page).count()).toBe(0);
    }));

  it('lists where the account is signed in, and ends one of them, and all others', async () => {
    const email = somebody();
    const elsewhere = (userAgent: string) =>
      visit(
        '/?tenantId=optin',
        async (page) => {
          await enter(page, email);
          await heading(page, 'Account security');
        },
        { userAgent },
      );
    await visit(PATH, async (page) => {
      await enter(page, email);
      await heading(page, 'Account security');
      await elsewhere('Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0');
      await elsewhere('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1');
      await elsewhere('Mozilla/5.0 (X11; CrOS x86_64 1) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0');
      await page.reload();
      const rows = page.locator('section').last().locator('li');
      await rows.nth(3).waitFor();
      expect(await rows.first().innerText()).toMatch(/^Chrome on Linux\n[\s\S]*This device$/);
      await press(page, /^Sign out Firefox on Windows/);
      await page.getByText('Signed out there.').waitFor();
      expect(await rows.count()).toBe(3);
      expect(await page.getByText('Firefox').count()).toBe(0);
      await press(page, 'Sign out everywhere else');
      await page.getByText('Edge on ChromeOS').waitFor({ state: 'detached' });
      expect(await rows.count()).toBe(1);
    });
  });
});
