import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { SAMPLE_PASSWORD } from '../../infra/local/landing-page.ts';
import { userIdOf } from '../support/by-hand.ts';
import { inBrowser, openChromium } from '../support/chromium.ts';
import { startLocalRun, type LocalRun } from '../support/local-run.ts';
import { serveApp } from './served-app.ts';

export const MODES = ['cookie', 'header'] as const;
export type Mode = (typeof MODES)[number];
export const PASSWORD = SAMPLE_PASSWORD;
/** auth-react itself asks for a digit at sign-up, unlike the service. */
export const NEW_PASSWORD = 'correct horse 9 battery staple';

/** A page that is left while it refreshes keeps the SDK's lock for five seconds, and the next page waits for it. */
const PATIENCE_MS = 20_000;

/** The prebuilt screens, their page for clerks alone, or no screens at all. */
export type FrontEnd = 'prebuilt' | 'clerks' | 'bare';
const PATHS = { prebuilt: '', clerks: 'clerks', bare: 'bare' } as const satisfies Record<FrontEnd, string>;

export interface Visit {
  readonly mode: Mode;
  readonly context: BrowserContext;
  /** An address that no other walk uses: both modes share one service. */
  readonly address: string;
  /** Opens a front end in a new tab. */
  open(page: FrontEnd, tenant?: string): Promise<Page>;
}

/** One service, one Chromium and the front ends on another origin, for one test file. */
export function useFrontEnd(tenants: Readonly<Record<string, object>>, env: Readonly<Record<string, string>> = {}) {
  let started: { run: LocalRun; browser: Browser; app: Awaited<ReturnType<typeof serveApp>> } | undefined;
  const parts = () => {
    if (started === undefined) throw new Error('the front end is there from beforeAll on');
    return started;
  };
  beforeAll(async () => {
    const [run, browser, app] = await Promise.all([startLocalRun(env), openChromium(), serveApp()]);
    started = { run, browser, app };
    for (const [tenantId, document] of Object.entries(tenants)) {
      await run.admin('PUT', `/tenants/${tenantId}`, { allowedOrigins: [app.origin], ...document });
    }
  }, 60_000);
  afterAll(async () => {
    if (started === undefined) return;
    await Promise.all([started.browser.close(), started.app.stop(), started.run.stop()]);
  });
  return {
    run: () => parts().run,
    /** Where the front ends are. */
    origin: () => parts().app.origin,
    /** Gives a role to the account of `public` with this address. */
    async grant(email: string, role: string): Promise<void> {
      const { run } = parts();
      await run.admin('PUT', `/users/${await userIdOf(run, email)}/roles/public/${role}`);
    },
    visit: (name: string, mode: Mode, walk: (visit: Visit) => Promise<void>) =>
      inBrowser(parts().browser, `sdk-${name}-${mode}`, (context) => {
        context.setDefaultTimeout(PATIENCE_MS);
        return walk({ mode, context, address: `${name}-${mode}@example.com`, open: opener(context, mode) });
      }),
  };

  function opener(context: BrowserContext, mode: Mode): Visit['open'] {
    return async (page, tenant = 'public') => {
      const tab = await context.newPage();
      const query = new URLSearchParams({ api: parts().run.origin, mode, tenant });
      await tab.goto(`${parts().app.origin}/${PATHS[page]}?${query.toString()}`);
      return tab;
    };
  }
}
