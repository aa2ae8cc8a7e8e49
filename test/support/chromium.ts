import { mkdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const RESULTS = join(import.meta.dirname, '..', '..', 'test-results');

/** Where Chromium is: told by `npm test`, else where Debian puts it. */
const PATH = process.env['STEPGATE_CHROMIUM'] ?? (existsSync('/usr/bin/chromium') ? '/usr/bin/chromium' : undefined);

/** Why browser tests cannot run here, for `describe.skipIf(…)` and the reason beside it; undefined where they can. */
export const noChromium: string | undefined =
  PATH === undefined ? 'no Chromium here: install one, or name it in STEPGATE_CHROMIUM' : undefined;

/** A headless Chromium, with further switches where a test needs some. @throws where there is none: ask `noChromium` first. */
export function openChromium(args: readonly string[] = []): Promise<Browser> {
  if (PATH === undefined) throw new Error(noChromium);
  return chromium.launch({
    executablePath: PATH,
    headless: true,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking', ...args],
  });
}

/** What a page did, kept for the case that the test fails. */
type Trace = readonly string[];

/**
 * Runs a walk in a browser profile of its own. When it fails, screenshot, console and requests of each page stay in
 * `test-results/<name>`, and the error says so.
 */
export async function inBrowser(
  browser: Browser,
  name: string,
  walk: (context: BrowserContext) => Promise<void>,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<void> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(10_000);
  const trace: string[] = [];
  context.on('page', (page) => listen(page, trace));
  try {
    await walk(context);
  } catch (cause) {
    const kept = await keep(context, name, trace);
    throw new Error(`${cause instanceof Error ? cause.message : String(cause)}\nKept in ${kept}`, { cause });
  } finally {
    await context.close();
  }
}

function listen(page: Page, trace: string[]): void {
  page.on('console', (message) => trace.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => trace.push(`error: ${error.message}`));
  page.on('response', (response) =>
    trace.push(`${response.request().method()} ${response.url()} ${response.status()}`),
  );
}

async function keep(context: BrowserContext, name: string, trace: Trace): Promise<string> {
  const dir = join(RESULTS, name.replaceAll(/[^\w-]+/g, '-'));
  await mkdir(dir, { recursive: true });
  const shots = context.pages().map((page, index) => page.screenshot({ path: join(dir, `page-${index}.png`) }));
  await Promise.allSettled(shots);
  await writeFile(join(dir, 'trace.txt'), trace.join('\n'));
  return dir;
}
