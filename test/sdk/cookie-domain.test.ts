/**
 * A service that changes the domain of its cookies under the sessions of browsers that are signed in: what the new
 * cookies find beside them is cleared by one refresh, which the SDK does not notice.
 *
 * Host names of a domain, mapped to this machine: a browser knows no domain cookie of `localhost`.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { functions } from '../../functions/index.ts';
import { boundPort } from '../../infra/local/ports.ts';
import type { Config } from '../../shared/config.ts';
import { toNode } from '../../shared/http/node.ts';
import { inBrowser, noChromium, openChromium } from '../support/chromium.ts';
import { useStepgate } from '../support/stepgate.ts';
import { events, hasSession, refresh, signIn, status } from './bare-calls.ts';
import { serveApp } from './served-app.ts';

/** Whole walks through a browser, on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const APP = 'http://app.example.test';
const API = 'http://api.example.test';
const REFRESH = '/auth/session/refresh';
const DOMAIN = { COOKIE_DOMAIN: 'example.test', OLDER_COOKIE_DOMAIN: undefined };
const HOST_ALONE = { COOKIE_DOMAIN: undefined, OLDER_COOKIE_DOMAIN: 'example.test' };

describe.skipIf(noChromium !== undefined)('supertokens-web-js 0.16.0, cookie mode', () => {
  const stepgate = useStepgate({ config: { PUBLIC_URL: API } });
  let parts: { server: Server; browser: Browser; app: Awaited<ReturnType<typeof serveApp>> } | undefined;
  let listener: RequestListener = () => undefined;

  /** The same service, deployed anew with other settings. */
  const deploy = (config: Partial<Config>): void => {
    const app = stepgate.app();
    listener = toNode(Object.values(functions).flat(), { ...app, config: { ...app.config, ...config } });
  };

  beforeAll(async () => {
    const server = createServer((request, response) => listener(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const app = await serveApp();
    const browser = await openChromium([
      `--host-resolver-rules=MAP app.example.test ${new URL(app.origin).host}, MAP api.example.test 127.0.0.1:${boundPort(server)}`,
    ]);
    parts = { server, app, browser };
    await stepgate.tenant('public', { allowedOrigins: [APP], mfaPolicy: { rules: [] } });
  });
  afterAll(async () => {
    await parts?.browser.close();
    await parts?.app.stop();
    parts?.server.closeAllConnections();
    parts?.server.close();
  });

  const visit = (name: string, walk: (page: Page, context: BrowserContext) => Promise<void>) =>
    inBrowser(parts!.browser, `sdk-${name}`, async (context) => {
      const page = await context.newPage();
      await page.goto(`${APP}/bare?${new URLSearchParams({ api: API, mode: 'cookie', tenant: 'public' }).toString()}`);
      await walk(page, context);
    });

  /** Whose the session cookies are; `.` in front: of the domain and all below it. */
  const domains = async (context: BrowserContext): Promise<readonly string[]> =>
    (await context.cookies())
      .filter(({ name }) => name === 'sAccessToken' || name === 'sRefreshToken')
      .map(({ name, domain }) => `${name} ${domain}`)
      .toSorted();
  const OF_HOST = ['sAccessToken api.example.test', 'sRefreshToken api.example.test'];
  const OF_DOMAIN = ['sAccessToken .example.test', 'sRefreshToken .example.test'];

  /** What refreshes are answered from now on. */
  const refreshes = (page: Page): readonly number[] => {
    const seen: number[] = [];
    page.on('response', (response) => {
      const isRefresh = new URL(response.url()).pathname === REFRESH && response.request().method() === 'POST';
      if (isRefresh) seen.push(response.status());
    });
    return seen;
  };

  it.each([
    { from: {}, to: DOMAIN, before: OF_HOST, after: OF_DOMAIN, way: 'a first domain' },
    { from: DOMAIN, to: HOST_ALONE, before: OF_DOMAIN, after: OF_HOST, way: 'the host alone, of a domain' },
  ])(
    'goes on with a session whose cookies get another domain, by one refresh: $way',
    ({ from, to, before, after, way }) =>
      visit(`cookies-${way}`, async (page, context) => {
        const email = `${way.replaceAll(/\W+/g, '-')}@example.com`;
        await stepgate.user(email);
        deploy(from);
        expect(await signIn(page, email, 'correct horse battery staple')).toBe('OK');
        expect(await status(page)).toBe(200);
        expect(await domains(context)).toEqual(before);

        deploy(to);
        expect(await status(page)).toBe(200);
        // The next refresh brings cookies of the other domain, beside which the older ones stay.
        expect(await refresh(page)).toBe(true);
        expect(await domains(context)).toEqual([...before, ...after].toSorted());
        const seen = refreshes(page);
        expect(await status(page)).toBe(200);
        expect(seen).toEqual([307, 200]);
        expect(await domains(context)).toEqual(after);
        expect(await hasSession(page)).toBe(true);
        expect(await events(page)).not.toContain('UNAUTHORISED');

        // Nothing is left to heal.
        expect(await refresh(page)).toBe(true);
        expect(seen).toEqual([307, 200, 200]);
        expect(await domains(context)).toEqual(after);
      }),
  );

  it('signs in over cookies of the host alone, and a host beside sees the access cookie of the domain', () =>
    visit('cookies-signed-in-over', async (page, context) => {
      await stepgate.user('over@example.com');
      deploy({});
      expect(await signIn(page, 'over@example.com', 'correct horse battery staple')).toBe('OK');
      deploy(DOMAIN);
      expect(await signIn(page, 'over@example.com', 'correct horse battery staple')).toBe('OK');
      const seen = refreshes(page);
      expect(await status(page)).toBe(200);
      expect(seen).toEqual([307, 200]);
      expect(await domains(context)).toEqual(OF_DOMAIN);
      const elsewhere = await context.cookies('http://shop.example.test/');
      expect(elsewhere.map(({ name }) => name).filter((name) => name.startsWith('s'))).toContain('sAccessToken');
      expect(elsewhere.map(({ name }) => name)).not.toContain('sRefreshToken');
    }));
});
