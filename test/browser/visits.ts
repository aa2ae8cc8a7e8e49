import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { SAMPLE_PASSWORD } from '../../infra/local/landing-page.ts';
import { inBrowser, openChromium } from '../support/chromium.ts';
import { startLocalRun, type LocalRun } from '../support/local-run.ts';
import { writeByHand } from '../support/page-tenants.ts';

export { EITHER, NOBODY, OPT_IN } from '../support/page-tenants.ts';

export const PASSWORD = SAMPLE_PASSWORD;
export const PHONE = { viewport: { width: 320, height: 640 } };

export const EVERYBODY = { mfaPolicy: { rules: [{ id: 'everybody', require: ['otp-email'] }] } };

/** Whole walks through a browser, on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** One service with these tenants, and one Chromium, for a test file. */
export function useHostedPages(options: {
  readonly tenants: Readonly<Record<string, object>>;
  /** Written straight into the table: what the admin API would refuse. */
  readonly byHand?: Readonly<Record<string, object>>;
  readonly env?: Readonly<Record<string, string>>;
}) {
  const { tenants, byHand = {}, env = {} } = options;
  let started: { readonly run: LocalRun; readonly browser: Browser } | undefined;
  const parts = () => {
    if (started === undefined) throw new Error('the pages are there from beforeAll on');
    return started;
  };
  beforeAll(async () => {
    const [run, browser] = await Promise.all([startLocalRun(env), openChromium()]);
    started = { run, browser };
    for (const [tenantId, document] of Object.entries(tenants))
      await run.admin('PUT', `/tenants/${tenantId}`, document);
    await writeByHand(run, byHand);
  });
  afterAll(async () => {
    await started?.browser.close();
    await started?.run.stop();
  });
  return {
    run: () => parts().run,
    /** A profile of its own, at one of the pages. Whatever the walk does must stay within their CSP. */
    visit: (
      path: string,
      walk: (page: Page, context: BrowserContext) => Promise<void>,
      profile: Parameters<Browser['newContext']>[0] = {},
    ) =>
      inBrowser(
        parts().browser,
        `pages${expect.getState().currentTestName ?? ''}`,
        async (context) => {
          const violations: string[] = [];
          context.on('console', (message) => {
            if (message.text().includes('Content Security Policy')) violations.push(message.text());
          });
          const page = await context.newPage();
          await page.goto(parts().run.origin + path);
          await page.locator('h1').waitFor();
          await walk(page, context);
          expect(violations).toEqual([]);
        },
        profile,
      ),
  };
}

export const codeField = (page: Page) => page.locator('input[autocomplete=one-time-code]');
export const heading = (page: Page, text: string | RegExp) =>
  page.getByRole('heading', { level: 1, name: text }).waitFor();
export const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click();

/** Fills the form that is there, sign-in or sign-up. */
export async function enter(page: Page, email: string): Promise<void> {
  await page.locator('input[name=email]').fill(email);
  await page.locator('input[name=password]').fill(PASSWORD);
  await page.keyboard.press('Enter');
}

let people = 0;

/** An address that nobody has yet. */
export const somebody = (): string => `person-${(people += 1)}@example.com`;

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What depends on colours alone. */
export type AxePart = 'all' | 'colours';

/** What axe finds, in words. The page must have been opened with `bypassCSP`. */
export async function axeFindings(page: Page, part: AxePart = 'all'): Promise<readonly string[]> {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(AXE);
  const options = part === 'all' ? {} : { runOnly: ['cat.color'] };
  return page.evaluate(
    `axe.run(${JSON.stringify(options)}).then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" | ")))`,
  );
}

/** How much wider than the window the page is. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

/** Waits for the newest link to an address. @throws after ten seconds. */
export async function linkTo({ inbox }: Pick<LocalRun, 'inbox'>, to: string, except?: string): Promise<string> {
  const until = Date.now() + 10_000;
  while (Date.now() < until) {
    const [link] = /https?:\/\/\S+token=\S+|https?:\/\/\S+#\S+/.exec((await inbox(to)).at(-1)?.text ?? '') ?? [];
    if (link !== undefined && link !== except) return link;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('No link arrived within ten seconds.');
}

/** Sends the form that is there once the page has looked whether anybody is signed in. */
export const field = (page: Page, name: string) => page.locator(`input[name=${name}]`);
