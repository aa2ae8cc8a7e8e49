import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openChromium } from './chromium.ts';
import { startLocalRun, type LocalRun } from './local-run.ts';
import { enter, MORE_TENANTS, takeApps, takeLinks } from './more-screenshots.ts';
import { EITHER, NOBODY, OPT_IN, writeByHand } from './page-tenants.ts';

/**
 * Pictures of every hosted page for `docs/screenshots`, taken of a local run: `npm run screenshots`, or with
 * `-- --out DIRECTORY` elsewhere.
 */
const { out } = parseArgs({ options: { out: { type: 'string' } } }).values;
const DIRECTORY = out ?? join(import.meta.dirname, '../../docs/screenshots');

const DESKTOP = { viewport: { width: 800, height: 640 } };
const VARIANTS: Readonly<Record<string, BrowserContextOptions>> = {
  desktop: DESKTOP,
  dark: { ...DESKTOP, colorScheme: 'dark' },
  phone: { viewport: { width: 375, height: 667 }, isMobile: true, hasTouch: true },
};

const LEAF =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" rx="10" fill="#5b21b6"/>' +
  '<path d="M10 29C10 15 17 10 30 10c0 14-6 19-17 19l9-10" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>';
const BRANDED = {
  name: 'Fernhill',
  branding: { color: '#5b21b6', logoUrl: `data:image/svg+xml;base64,${Buffer.from(LEAF).toString('base64')}` },
};

/** Never asked: only their buttons are shown. */
const provider = (thirdPartyId: string) => ({ thirdPartyId, clientId: 'picture', clientSecret: 'of a button' });
const TENANTS = {
  either: { name: 'Acme', ...EITHER, providers: [provider('google'), provider('github')] },
  optin: {
    name: 'Acme',
    ...OPT_IN,
    secondFactors: ['otp-email', 'otp-phone', 'totp', 'backup-code'],
    backupCodeReplaces: ['totp'],
    rememberDevice: { days: 7 },
  },
  branded: BRANDED,
  ...MORE_TENANTS,
};

const [run, browser] = await Promise.all([startLocalRun(), openChromium()]);
try {
  await mkdir(DIRECTORY, { recursive: true });
  await prepare(run);
  for (const [variant, options] of Object.entries(VARIANTS)) await takeAll(run, browser, variant, options);
  await takeBranded(run, browser);
} finally {
  await browser.close();
  await run.stop();
}

async function prepare({ admin, dynamodb }: LocalRun): Promise<void> {
  for (const [tenantId, document] of Object.entries(TENANTS)) {
    await admin('PUT', `/tenants/${tenantId}`, document);
  }
  await writeByHand({ dynamodb }, { nobody: { name: 'Acme', ...NOBODY } });
}

async function takeAll(local: LocalRun, chromium: Browser, variant: string, options: BrowserContextOptions) {
  const shot = (page: Page, name: string) => take(page, `${name}-${variant}`);
  const open = async (path: string): Promise<Page> => {
    const page = await (await chromium.newContext({ reducedMotion: 'reduce', ...options })).newPage();
    await page.goto(local.origin + path);
    await page.locator('h1').waitFor();
    return page;
  };
  const email = `ada-${variant}@example.com`;

  const choice = await open('/?tenantId=either');
  await shot(choice, 'sign-in');
  await choice.getByRole('button', { name: 'Create account' }).click();
  await shot(choice, 'sign-up');
  await enter(choice, email);
  await choice.getByRole('button', { name: /Text message/ }).waitFor();
  await shot(choice, 'choose');
  await choice.getByRole('button', { name: /E-mail/ }).click();
  await typeCode(choice, '000000');
  await choice.getByText('Attempts left: 4.').waitFor();
  await shot(choice, 'code');

  const settings = await open('/sign-up?tenantId=optin');
  await enter(settings, email);
  await settings.getByRole('switch', { name: 'Text message' }).click();
  await settings.getByLabel('Phone number').waitFor();
  await shot(settings, 'enrol');
  await settings.getByRole('button', { name: 'Cancel' }).click();
  const sent = (await local.inbox(email)).at(-1)?.code;
  await settings.getByRole('switch', { name: 'E-mail' }).click();
  await typeCode(settings, await local.code(email, sent));
  await settings.getByText('E-mail is switched on.').waitFor();
  await signInElsewhere(local, chromium, email);
  await settings.reload();
  await settings.getByText('This device').waitFor();
  await shot(settings, 'settings');

  const denied = await open('/sign-up?tenantId=nobody');
  await enter(denied, email);
  await denied.getByText('cannot be set up here').waitFor();
  await shot(denied, 'denied');
  await takeLinks({ local, open, shot, email: `links-${variant}@example.com` });
  await takeApps({ local, open, shot, email: `apps-${variant}@example.com` });
}

/** So that the list of sessions is one. */
async function signInElsewhere(local: LocalRun, chromium: Browser, email: string): Promise<void> {
  const userAgent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile/15E148 Safari/604.1';
  const page = await (await chromium.newContext({ userAgent })).newPage();
  await page.goto(`${local.origin}/?tenantId=optin`);
  const sent = (await local.inbox(email)).at(-1)?.code;
  await enter(page, email);
  await typeCode(page, await local.code(email, sent));
  await page.getByText('This device').waitFor();
}

async function takeBranded(local: LocalRun, chromium: Browser): Promise<void> {
  const page = await (await chromium.newContext(DESKTOP)).newPage();
  for (const [name, language] of [
    ['branded', 'en'],
    ['hungarian', 'hu'],
  ]) {
    await page.goto(`${local.origin}/?tenantId=branded&lang=${language}`);
    await page.locator('h1').waitFor();
    await take(page, name!);
  }
}

function typeCode(page: Page, code: string): Promise<void> {
  return page.locator('input[autocomplete=one-time-code]').fill(code);
}

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({
    path: join(DIRECTORY, `${name}.png`),
    fullPage: true,
    animations: 'disabled',
    caret: 'hide',
  });
}
