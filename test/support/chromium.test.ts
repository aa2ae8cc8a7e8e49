import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { inBrowser, noChromium, openChromium } from './chromium.ts';

vi.setConfig({ testTimeout: 60_000 });

const KEPT = join(import.meta.dirname, '..', '..', 'test-results', 'walk-that-fails');
afterEach(() => rmSync(KEPT, { recursive: true, force: true }));

describe.skipIf(noChromium !== undefined)('a walk in a browser', () => {
  it('keeps a picture of each tab and what they did when it fails, and says where', async () => {
    const browser = await openChromium();
    const walk = inBrowser(browser, 'walk that fails', async (context) => {
      for (const title of ['one', 'two']) {
        const page = await context.newPage();
        await page.evaluate(`console.log('${title}')`);
      }
      throw new Error('lost the way');
    });
    await expect(walk).rejects.toThrow(`lost the way\nKept in ${KEPT}`);
    expect(existsSync(join(KEPT, 'page-0.png'))).toBe(true);
    expect(existsSync(join(KEPT, 'page-1.png'))).toBe(true);
    expect(readFileSync(join(KEPT, 'trace.txt'), 'utf8')).toBe('console log: one\nconsole log: two');
    await browser.close();
  });

  it('keeps nothing when it gets there', async () => {
    const browser = await openChromium();
    await inBrowser(browser, 'walk that fails', async (context) => void (await context.newPage()));
    expect(existsSync(KEPT)).toBe(false);
    await browser.close();
  });
});
