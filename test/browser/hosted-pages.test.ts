import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { inBrowser, noChromium, openChromium } from '../support/chromium.ts';
import { startLocalRun, type LocalRun } from '../support/local-run.ts';
import { otherThan } from '../support/otp.ts';

const PASSWORD = 'correct horse battery staple';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PHONE = { viewport: { width: 320, height: 640 } };

/** Whole walks through a browser, on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describe.skipIf(noChromium !== undefined)('the hosted pages', () => {
  let run: LocalRun;
  let browser: Browser;
  beforeAll(async () => {
    [run, browser] = await Promise.all([startLocalRun(), openChromium()]);
  });
  afterAll(async () => {
    await browser.close();
    await run.stop();
  });

  const signIn = async (page: Page, email: string): Promise<void> => {
    await page.goto(run.origin);
    await page.locator('input[type=email]').fill(email);
    await page.locator('input[type=password]').fill(PASSWORD);
    await page.keyboard.press('Enter');
  };
  const codeField = (page: Page) => page.locator('input[autocomplete=one-time-code]');

  it('take an admin through a wrong and a right code to the settings, within their CSP', () =>
    inBrowser(browser, 'pages-challenge', async (context) => {
      const page = await context.newPage();
      const violations: string[] = [];
      page.on('console', (message) => {
        if (message.text().includes('Content Security Policy')) violations.push(message.text());
      });
      await signIn(page, 'admin@example.com');
      await codeField(page).waitFor();
      const code = await run.code('admin@example.com');
      await codeField(page).fill(otherThan(code));
      await page.getByText(/Attempts left: 4/).waitFor();
      await codeField(page).fill(` ${code.slice(0, 3)} ${code.slice(3)}`);
      await page.waitForURL(/\/settings/);
      await page.getByText('a•••@example.com').waitFor();
      await page.getByText('This session').waitFor();
      expect(violations).toEqual([]);
    }));

  it('let somebody without a second factor in at once, and sign out again', () =>
    inBrowser(browser, 'pages-plain', async (context) => {
      const page = await context.newPage();
      await signIn(page, 'user@example.com');
      await page.waitForURL(/\/settings/);
      await page
        .getByRole('button', { name: 'Sign out' })
        .or(page.getByRole('link', { name: 'Sign out' }))
        .last()
        .click();
      await page.locator('input[type=password]').waitFor();
    }));

  it.each(['/', '/sign-up', '/denied', '/nowhere'])('are accessible and fit a narrow phone: %s', (path) =>
    inBrowser(
      browser,
      `pages-axe${path}`,
      async (context) => {
        const page = await context.newPage();
        await page.goto(run.origin + path);
        await page.locator('h1').waitFor();
        await page.evaluate(AXE);
        const found = await page.evaluate(
          'axe.run().then(({ violations }) => violations.map(({ id, help }) => `${id}: ${help}`))',
        );
        expect(found).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
      },
      { ...PHONE, bypassCSP: true },
    ),
  );

  it('say so when there is no such tenant', () =>
    inBrowser(browser, 'pages-unknown-tenant', async (context) => {
      const page = await context.newPage();
      await page.goto(`${run.origin}/?tenantId=nobody-knows`);
      await page.locator('h1').getByText('not found').waitFor();
    }));

  it('speak Hungarian to whoever asks for it', () =>
    inBrowser(browser, 'pages-hungarian', async (context) => {
      const page = await context.newPage();
      await page.goto(`${run.origin}/?lang=hu`);
      await page.locator('h1').getByText('Bejelentkezés').waitFor();
      expect(await page.locator('html').getAttribute('lang')).toBe('hu');
    }));
});
