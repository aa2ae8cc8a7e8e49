/**
 * What comes back from a provider counts once, in the browser that left for it, for the provider and tenant it left
 * for, within ten minutes.
 *
 * Why: V10.2.1; login CSRF and codes injected into somebody else's session (GHSA-x445, CVE-2025-46815), codes redeemed
 * twice (GHSA-7w99).
 */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Browser, Mode } from '../support/browser.ts';
import { useHostileIdp } from '../support/hostile-idp.ts';
import { useStepgate } from '../support/stepgate.ts';
import { begin, configure, corp, finish, goodClaims, type Started } from '../support/third-party.ts';

const stepgate = useStepgate();
const idp = useHostileIdp();
const NOT_HERE = {
  status: 'GENERAL_ERROR',
  message: 'This sign-in was not started here, or it took too long. Please try again.',
};

beforeAll(async () => {
  const providers = [corp(idp.issuer()), corp(idp.issuer(), { thirdPartyId: 'other' })];
  await configure(stepgate, 'public', { mfaPolicy: { rules: [] }, providers });
  await configure(stepgate, 'second', { mfaPolicy: { rules: [] }, providers });
});
beforeEach(() => idp.quiet());

let people = 0;

async function left(page: Browser, flow = {}): Promise<Started> {
  const started = await begin(page, flow);
  const sub = `person-${(people += 1)}`;
  idp.says(await idp.token(goodClaims(started, idp.issuer(), { sub, email: `${sub}@example.com` })));
  return started;
}

describe.each<Mode>(['cookie', 'header'])('SEC-68: a way back (%s mode)', (mode) => {
  it.each<[string, (started: Started, page: Browser) => Promise<unknown>]>([
    ['without a verifier', (s, page) => finish(page, { ...s, pkceCodeVerifier: '' }, { code: 'c' })],
    ['with a verifier of nobody', (s, page) => finish(page, { ...s, pkceCodeVerifier: 'x'.repeat(43) }, { code: 'c' })],
    [
      'with the challenge in place of the verifier',
      (s, page) =>
        finish(page, { ...s, pkceCodeVerifier: s.url.searchParams.get('code_challenge') ?? '' }, { code: 'c' }),
    ],
    ['to another provider', (s, page) => finish(page, { ...s, thirdPartyId: 'other' }, { code: 'c' })],
    ['to another tenant', (s, page) => finish(page, { ...s, tenantId: 'second' }, { code: 'c' })],
    [
      'to another address',
      (s, page) => finish(page, { ...s, redirectUri: 'http://localhost:3001/elsewhere' }, { code: 'c' }),
    ],
  ])('%s is refused, and begins no session', async (_, come) => {
    const page = stepgate.browser(mode);
    const answer = await come(await left(page), page);
    expect(answer).toMatchObject({ status: 200, body: NOT_HERE });
    expect((await page.me()).status).toBe(401);
  });

  it('without the verifier member at all is refused', async () => {
    const page = stepgate.browser(mode);
    const { redirectUri } = await left(page);
    const answer = await page.post('/auth/signinup', {
      thirdPartyId: 'corp',
      redirectURIInfo: { redirectURIOnProviderDashboard: redirectUri, redirectURIQueryParams: { code: 'c' } },
    });
    expect(answer.body).toEqual(NOT_HERE);
  });

  it('after ten minutes is refused', async () => {
    const page = stepgate.browser(mode);
    const started = await left(page);
    stepgate.clock.advance(600_000);
    const late = await finish(page, started, { code: 'c' });
    stepgate.clock.advance(-600_000);
    expect(late.body).toEqual(NOT_HERE);
  });

  it('a second time is refused', async () => {
    const page = stepgate.browser(mode);
    const started = await left(page);
    expect((await finish(page, started, { code: 'c' })).body.status).toBe('OK');
    expect((await finish(stepgate.browser(mode), started, { code: 'c' })).body).toEqual(NOT_HERE);
    expect((await finish(page, started, { code: 'd' })).body).toEqual(NOT_HERE);
  });

  it('SEC-57: ten times at once lets one in, and the code is redeemed once', async () => {
    const page = stepgate.browser(mode);
    const started = await left(page);
    const before = idp.seen.filter(({ path }) => path === '/token').length;
    const answers = await Promise.all(Array.from({ length: 10 }, () => finish(page, started, { code: 'c' })));
    expect(answers.filter(({ body }) => body.status === 'OK')).toHaveLength(1);
    expect(idp.seen.filter(({ path }) => path === '/token')).toHaveLength(before + 1);
  });

  it('SEC-75: at another tenant uses nothing up in its own', async () => {
    const page = stepgate.browser(mode);
    const started = await left(page);
    await finish(page, { ...started, tenantId: 'second' }, { code: 'c' });
    expect((await finish(page, started, { code: 'c' })).body.status).toBe('OK');
  });
});

describe('SEC-68: browsers', () => {
  it('with cookies: another browser that knows the verifier is refused', async () => {
    const started = await left(stepgate.browser('cookie'));
    const thief = stepgate.browser('cookie');
    await left(thief);
    expect((await finish(thief, started, { code: 'c' })).body).toEqual(NOT_HERE);
  });

  it('with cookies: a client without them is refused as well', async () => {
    const started = await left(stepgate.browser('cookie'));
    expect((await finish(stepgate.browser('header'), started, { code: 'c' })).body).toEqual(NOT_HERE);
  });

  it('with cookies: two tabs of one browser do not disturb each other', async () => {
    const page = stepgate.browser('cookie');
    const [one, two] = [await begin(page), await begin(page)];
    for (const [started, sub] of [
      [two, 'tab-two'],
      [one, 'tab-one'],
    ] as const) {
      idp.says(await idp.token(goodClaims(started, idp.issuer(), { sub, email: `${sub}@example.com` })));
      expect((await finish(page, started, { code: 'c' })).body.status).toBe('OK');
    }
  });

  it('get a cookie that scripts and other hosts do not, and that opens nothing by itself', async () => {
    const page = stepgate.browser('cookie');
    const answer = await page.get(
      `/auth/authorisationurl?thirdPartyId=corp&redirectURIOnProviderDashboard=${encodeURIComponent('http://localhost:3001/cb')}`,
    );
    expect(answer.setCookies).toEqual([
      expect.stringMatching(/^stOauth=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/),
    ]);
    expect((await page.me()).status).toBe(401);
    expect((await stepgate.browser('header').get('/auth/loginmethods')).setCookies).toEqual([]);
  });

  it('show nothing that binds in the address: no verifier, no state', async () => {
    const started = await left(stepgate.browser('cookie'));
    expect(started.url.searchParams.has('state')).toBe(false);
    expect(started.url.href).not.toContain(started.pkceCodeVerifier);
    expect(started.url.searchParams.get('code_challenge_method')).toBe('S256');
  });
});

describe('a provider that is to be linked to a session', () => {
  it('is refused with an address that nobody proved, and the session goes on', async () => {
    const page = stepgate.browser('header');
    const first = await left(page);
    await finish(page, first, { code: 'c' });
    const { sessionHandle } = page.claims();
    const second = await left(page);
    const answer = await finish(page, second, { code: 'c' }, { shouldTryLinkingWithSessionUser: true });
    expect(answer).toMatchObject({ status: 200, body: { status: 'SIGN_IN_UP_NOT_ALLOWED' } });
    expect(answer.body.reason).toContain('ERR_CODE_020');
    expect(page.claims().sessionHandle).toBe(sessionHandle);
    expect((await page.me()).status).toBe(200);
  });

  it('without a session is 401', async () => {
    const page = stepgate.browser('header');
    const started = await left(page);
    const answer = await finish(page, started, { code: 'c' }, { shouldTryLinkingWithSessionUser: true });
    expect(answer.status).toBe(401);
  });
});
