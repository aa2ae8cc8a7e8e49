/**
 * wire.md §2.7 and §2.10: every situation at POST /session/refresh, with status, words and what becomes of the tokens.
 *
 * Races and lost replies in depth: test/security-session/refresh-again.test.ts and refresh-theft.test.ts. Here: what the
 * SDKs see. They refresh before their first call (T2: exactly 401), and throw without a readable `front-token` (T1).
 */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Browser } from '../support/browser.ts';
import { cookieNames, MODES, useFrontDoors } from '../support/front-doors.ts';
import { PASSWORD } from '../support/stepgate.ts';

const stepgate = useFrontDoors();
const DAY = 86_400_000;
let users = 0;

beforeAll(() => stepgate.tenant('public', { mfaPolicy: { rules: [] } }));

describe.each(MODES)('refresh (%s mode)', (mode) => {
  let page: Browser;
  let email = '';
  let userId = '';
  beforeEach(async () => {
    users += 1;
    email = `refresh-${users}@example.com`;
    userId = await stepgate.user(email);
    page = stepgate.page(mode);
    await page.signIn(email, PASSWORD);
  });
  const again = (tokens: ReturnType<Browser['tokens']>) => {
    const tab = stepgate.page(mode);
    tab.present(tokens);
    return tab;
  };

  function forgotten(answer: Answer, message = 'unauthorised'): void {
    expect([answer.status, answer.body]).toEqual([401, { message }]);
    expect(answer.headers.get('front-token')).toBe('remove');
    expect(cookieNames(answer.setCookies)).toEqual(['sAccessToken', 'sRefreshToken']);
    expect([answer.headers.get('st-access-token'), answer.headers.get('st-refresh-token')]).toEqual(['', '']);
  }

  it('a good token: 200 {}, both tokens new in the same carrier, the same session, a front-token to read', async () => {
    const before = page.tokens();
    const { sessionHandle, iat } = page.claims();
    stepgate.clock.advance(2_000);
    const answer = await page.refresh();
    expect([answer.status, answer.body]).toEqual([200, {}]);
    expect(cookieNames(answer.setCookies)).toEqual(mode === 'cookie' ? ['sAccessToken', 'sRefreshToken'] : []);
    expect(answer.headers.get('st-refresh-token') !== null).toBe(mode === 'header');
    expect(answer.headers.get('access-control-expose-headers')).toContain('front-token');
    expect(page.tokens().access).not.toBe(before.access);
    expect(page.tokens().refresh).not.toBe(before.refresh);
    expect(page.claims()).toMatchObject({ sub: userId, sessionHandle, parentRefreshTokenHash1: null });
    expect(page.claims().iat).toBeGreaterThanOrEqual(iat + 2);
  });

  it('no token: 401, cleared', async () => {
    forgotten(await stepgate.page(mode).refresh());
  });

  it.each(['x', 'v1.a.b.c.d.e.f', 'a.b.c', '%00', `v1.${'a'.repeat(200)}`])('%s: 401, cleared', async (refresh) => {
    forgotten(await again({ access: undefined, refresh }).refresh());
    expect((await page.refresh()).status).toBe(200);
  });

  it('the access token in its place: 401, cleared', async () => {
    const { access } = page.tokens();
    forgotten(await again({ access: undefined, refresh: access }).refresh());
  });

  it('a session that was signed out: 401, cleared', async () => {
    const tokens = page.tokens();
    expect((await page.signOut()).status).toBe(200);
    forgotten(await again(tokens).refresh());
  });

  it('a session that was not used for 7 days: 401, cleared', async () => {
    stepgate.clock.advance(7 * DAY + 1);
    forgotten(await page.refresh());
  });

  it('the parent again while its child is unused: the same child to every tab, as after a lost reply', async () => {
    const tokens = page.tokens();
    const tabs = [again(tokens), again(tokens), again(tokens)];
    expect((await Promise.all(tabs.map((tab) => tab.refresh()))).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(tabs.map((tab) => tab.tokens().refresh)).size).toBe(1);
    const late = again(tokens);
    expect((await late.refresh()).status).toBe(200);
    expect(late.tokens().refresh).toBe(tabs[0]!.tokens().refresh);
    expect((await late.refresh()).status).toBe(200);
  });

  it('a grandparent: 401 token theft detected, cleared, and the session is over for everybody', async () => {
    const stolen = page.tokens();
    await page.refresh();
    await page.refresh();
    forgotten(await again(stolen).refresh(), 'token theft detected');
    forgotten(await page.refresh());
  });

  it('a call that reaches the store’s outage: neither 401 nor a token, and the session lives', async () => {
    const { sessions } = stepgate.app();
    const answer = await stepgate
      .page(mode, {
        app: {
          sessions: { ...sessions, rotate: () => Promise.reject(Object.assign(new Error(), { code: 'ECONNRESET' })) },
        },
      })
      .post('/auth/session/refresh', undefined, {
        headers:
          mode === 'cookie'
            ? { cookie: `sRefreshToken=${encodeURIComponent(page.tokens().refresh!)}` }
            : { authorization: `Bearer ${page.tokens().refresh!}` },
      });
    expect(answer.status).toBe(503);
    expect([answer.headers.get('front-token'), answer.setCookies]).toEqual([null, []]);
    expect((await page.refresh()).status).toBe(200);
  });
});
