import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { inBrowser, noChromium, openChromium } from '../../support/chromium.ts';

describe.skipIf(noChromium !== undefined)('the browser that tests use', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser.close());

  it('keeps a picture and a trace of a walk that fails, and says where', async () => {
    const failure: unknown = await inBrowser(browser, 'a walk that fails', async (context) => {
      const page = await context.newPage();
      await page.goto('data:text/html,<script>console.log("was here")</script>');
      throw new Error('as it should');
    }).catch((error: unknown) => error);
    const said = failure instanceof Error ? failure.message : '';
    const dir = /^as it should\nKept in (.*a-walk-that-fails)$/.exec(said)?.[1] ?? '';
    await expect(readFile(join(dir, 'trace.txt'), 'utf8')).resolves.toContain('console log: was here');
    await expect(readFile(join(dir, 'page-0.png'))).resolves.toHaveProperty('length');
    await rm(dir, { recursive: true });
  });
});
