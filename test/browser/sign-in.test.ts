import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { noChromium } from '../support/chromium.ts';
import { codeField, enter, EVERYBODY, heading, PASSWORD, press, somebody, useHostedPages } from './visits.ts';

const LOGO = `data:image/svg+xml;base64,${btoa('<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40"><rect width="90" height="40"/></svg>')}`;
const SHOP = { ...EVERYBODY, name: 'Shop', branding: { logoUrl: LOGO, color: '#ffd400', language: 'hu' } };
const APP = { allowedOrigins: ['http://localhost:5173'] };
const ELSEWHERE = [
  '//evil.example/',
  'https://evil.example/',
  'javascript:alert(document.domain)',
  String.raw`\\evil.example`,
  String.raw`/\evil.example`,
  'http://localhost:5173@evil.example/',
  'http://someone:secret@localhost:5173/',
  'http://localhost:5173.evil.example/',
  'http:%2F%2Fevil.example',
  'https%3A%2F%2Fevil.example%2F',
  'data:text/html,<script>alert(1)</script>',
];
const FIELDS = { signUpFields: [{ id: 'company' }, { id: 'nickname', optional: true }] };

/** Of the page's main button. */
const styleOf = (page: Page, property: string): Promise<string> =>
  page.evaluate(`getComputedStyle(document.querySelector('.button.main')).getPropertyValue('${property}')`);

describe.skipIf(noChromium !== undefined)('sign-in and sign-up', () => {
  const { run, visit } = useHostedPages({ tenants: { shop: SHOP, fields: FIELDS, app: APP } });

  it('take an admin to the settings', () =>
    visit('/', async (page) => {
      await enter(page, 'admin@example.com');
      await codeField(page).waitFor();
      await codeField(page).fill(await run().code('admin@example.com'));
      await page.waitForURL(/\/settings/);
      await page.getByText('a•••@example.com').waitFor();
    }));

  it('let somebody without a second factor in at once, and sign out again', () =>
    visit('/', async (page) => {
      await enter(page, 'user@example.com');
      await page.waitForURL(/\/settings/);
      await page.getByRole('button', { name: 'Sign out', exact: true }).last().click();
      await page.locator('input[name=password]').waitFor();
      await page.goto(`${run().origin}/settings`);
      await heading(page, 'Sign in');
    }));

  it('come first for whoever is not signed in', () =>
    visit('/', async (page) => {
      for (const path of ['/code', '/factors', '/enrol', '/settings']) {
        await page.goto(run().origin + path);
        await heading(page, 'Sign in');
      }
      await page.goto(`${run().origin}/denied`);
      await page.getByRole('link', { name: 'Sign in' }).click();
      await heading(page, 'Sign in');
    }));

  it('say what is wrong with an address, a password and a wrong pair', () =>
    visit('/', async (page) => {
      await page.locator('input[name=email]').fill('user@example.com');
      await page.locator('input[name=password]').fill('not this one, surely');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').getByText('E-mail or password is wrong.').waitFor();
      await press(page, 'Create account');
      await page.locator('input[name=email]').fill(somebody());
      await page.locator('input[name=password]').fill('short');
      await page.keyboard.press('Enter');
      await page.getByText('The password must have at least 8 characters.').waitFor();
      expect(await page.evaluate('document.activeElement.name')).toBe('password');
    }));

  it('make an account, with the fields the tenant asks for', () =>
    visit('/sign-up?tenantId=fields', async (page) => {
      await page.getByLabel('company').fill('Acme');
      await page.getByLabel('nickname (optional)').waitFor();
      await enter(page, somebody());
      await page.waitForURL(/\/settings\?tenantId=fields/);
    }));

  it('can be walked with the keyboard alone: account, switch, signing out and in again', () =>
    visit('/sign-up', async (page) => {
      const { keyboard } = page;
      const tabTo = async (role: 'button' | 'switch' | 'textbox', name: string): Promise<void> => {
        const wanted = page.getByRole(role, { name, exact: true });
        await wanted.waitFor();
        for (let presses = 0; presses < 20; presses += 1) {
          await keyboard.press('Tab');
          if (await wanted.and(page.locator(':focus')).count()) return;
        }
        throw new Error(`no ${role} ${name} within twenty tabs`);
      };
      const email = somebody();
      const credentials = async (submit: string): Promise<void> => {
        await tabTo('textbox', 'E-mail');
        await keyboard.type(email);
        await keyboard.press('Tab');
        await keyboard.type(PASSWORD);
        await tabTo('button', submit);
        await keyboard.press('Space');
      };
      const typeCode = async (except?: string): Promise<string> => {
        await codeField(page).and(page.locator(':focus')).waitFor();
        const code = await run().code(email, except);
        await keyboard.type(code);
        return code;
      };
      await credentials('Create account');
      await tabTo('switch', 'E-mail');
      await keyboard.press('Space');
      const first = await typeCode();
      await page.getByText('E-mail is switched on.').waitFor();
      await tabTo('button', 'Sign out');
      await keyboard.press('Enter');
      await heading(page, 'Sign in');
      await credentials('Sign in');
      await typeCode(first);
      await heading(page, 'Account security');
    }));

  it('speak Hungarian to whoever asks for it, the service’s own words too', () =>
    visit('/sign-up?lang=hu', async (page) => {
      expect(await page.locator('html').getAttribute('lang')).toBe('hu');
      await page.locator('input[name=email]').fill(somebody());
      await page.locator('input[name=password]').fill('password123');
      await page.keyboard.press('Enter');
      await page.getByText('Ez a jelszó túl gyakori.').waitFor();
    }));

  it('say so when there is no such tenant', () =>
    visit('/?tenantId=nobody-knows', (page) => heading(page, 'Organisation not found')));

  it('say so, and offer to try again, when the service does not answer', () =>
    visit('/', async (page) => {
      await page.route('**/auth/loginmethods*', (route) => route.abort());
      await page.reload();
      await heading(page, 'The service cannot be reached just now.');
      await page.unroute('**/auth/loginmethods*');
      await press(page, 'Try again');
      await heading(page, 'Sign in');
    }));

  it.each(['light', 'dark'] as const)('wear the tenant’s name, logo and colour, legibly (%s)', (colorScheme) =>
    visit(
      '/?tenantId=shop',
      async (page) => {
        await page.getByRole('banner').getByText('Shop').waitFor();
        expect(await page.getByRole('banner').locator('img').getAttribute('src')).toBe(LOGO);
        expect(await page.title()).toBe('Sign in – Shop');
        const [color, backgroundColor] = await Promise.all([styleOf(page, 'color'), styleOf(page, 'background-color')]);
        expect([color, backgroundColor]).not.toContain('rgb(11, 107, 83)');
        expect(color).toBe('rgb(0, 0, 0)');
        if (colorScheme === 'dark') expect(backgroundColor).toBe('rgb(255, 212, 0)');
      },
      { colorScheme },
    ),
  );

  it('use the tenant’s language where the browser wants none that they have', () =>
    visit('/?tenantId=shop', (page) => heading(page, 'Bejelentkezés'), { locale: 'fi-FI' }));

  it('follow no return address to a place the tenant does not list', () =>
    visit('/sign-up?tenantId=app', async (page) => {
      const dialogs: string[] = [];
      page.on('dialog', (dialog) => {
        dialogs.push(dialog.message());
        void dialog.dismiss();
      });
      await enter(page, somebody());
      await heading(page, 'Account security');
      for (const returnTo of ELSEWHERE) {
        const query = new URLSearchParams({ tenantId: 'app', returnTo });
        await page.goto(`${run().origin}/?${query.toString()}`);
        await heading(page, 'Account security');
        await page.getByText('This device').waitFor();
        expect(new URL(page.url()).origin, returnTo).toBe(run().origin);
        expect(await page.getByRole('link', { name: 'Continue' }).count(), returnTo).toBe(0);
      }
      expect(dialogs).toEqual([]);
    }));

  it('follow it to a page of an origin the tenant lists', () =>
    visit('/sign-up?tenantId=app&returnTo=http%3A%2F%2Flocalhost%3A5173%2Fcart%3Fa%3D1', async (page, context) => {
      await context.route('http://localhost:5173/**', (route) => route.fulfill({ body: 'the cart' }));
      await enter(page, somebody());
      await page.waitForURL('http://localhost:5173/cart?a=1');
    }));
});
