/**
 * What the SDKs' own headers decide, and what they do not: `fdi-version`, `rid`, `st-auth-mode`, and two carriers or two
 * cookies at once. wire.md §1.2, §1.3, §2.1, §2.2.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from '../support/browser.ts';
import { cookieNames, EVERYWHERE, MODES, useFrontDoors } from '../support/front-doors.ts';
import { PASSWORD } from '../support/stepgate.ts';

const stepgate = useFrontDoors();
const EMAIL = 'headers@example.com';
const formFields = [
  { id: 'email', value: EMAIL },
  { id: 'password', value: PASSWORD },
];

beforeAll(async () => {
  await stepgate.tenant('public', { mfaPolicy: { rules: [] } });
  await stepgate.user(EMAIL);
});

const signIn = (page: Browser, headers: Readonly<Record<string, string>> = {}) =>
  page.post('/auth/signin', { formFields }, { headers });

describe.each(MODES)('fdi-version (%s mode)', (mode) => {
  const signInAs = (version: string) => signIn(stepgate.page(mode), { 'fdi-version': version });

  it.each([
    '3.1,4.0,4.1,4.2',
    '1.16,1.17,1.18,1.19,2.0,3.0,3.1,4.0,4.1',
    '4.2,3.1',
    '2.0, 3.1',
    '3.10',
    '10.0',
    ' 4.2 ',
  ])('"%s": the highest counts, and none is echoed', async (version) => {
    const answer = await signInAs(version);
    expect(answer).toMatchObject({ status: 200, body: { status: 'OK', user: { loginMethods: [{}] } } });
    expect(answer.headers.get('fdi-version')).toBeNull();
  });

  it.each(['', 'latest', '3', '2', '2.0,x', '2.0,,3.0', '4.2.1', '-1.0', '3,1', '99999999999.0'])(
    '"%s" is malformed and taken for the newest',
    async (version) => {
      expect((await signInAs(version)).body).toMatchObject({ status: 'OK', user: { loginMethods: [{}] } });
    },
  );

  it.each(['1.16', '2.0,1.18', '3.0', '2.0,3.0'])(
    '"%s" is refused at sign-in with a sentence (ours; the reference serves it with a guess for the linking flag)',
    async (version) => {
      const answer = await signInAs(version);
      expect(answer).toMatchObject({ status: 400, setCookies: [] });
      expect(answer.body).toEqual({
        message: 'this service speaks FDI 3.1 and later: please update the front-end SDK',
      });
      const page = stepgate.page(mode);
      for (const path of ['signup', 'signinup/code', 'signinup/code/resend', 'signinup/code/consume']) {
        const refused = await page.post(`/auth/${path}`, {}, { headers: { 'fdi-version': version } });
        expect([path, refused.status, refused.body]).toEqual([path, 400, answer.body]);
      }
    },
  );

  it('of a mobile SDK, which lists old versions at refresh and sign-out, is no hindrance there', async () => {
    const headers = { 'fdi-version': '1.16,1.17,1.18,1.19,2.0' };
    const page = stepgate.page(mode);
    await signIn(page);
    expect((await page.post('/auth/session/refresh', undefined, { headers })).status).toBe(200);
    expect((await page.put('/auth/mfa/info', {}, { headers })).status).toBe(200);
    expect((await page.post('/auth/signout', undefined, { headers })).body).toEqual({ status: 'OK' });
  });
});

describe.each(MODES)('rid (%s mode)', (mode) => {
  it.each(['anti-csrf', 'emailpassword', 'thirdpartyemailpassword', 'passwordless', 'session', 'nonsense', 'a,b'])(
    '%s names no other recipe than the path does',
    async (rid) => {
      const page = stepgate.page(mode);
      expect((await signIn(page, { rid })).body.status).toBe('OK');
      expect((await page.put('/auth/mfa/info', {}, { headers: { rid } })).body.status).toBe('OK');
      const exists = await page.get(`/auth/emailpassword/email/exists?email=${EMAIL}`, { headers: { rid } });
      expect(exists.body).toEqual({ status: 'OK', exists: true });
      expect((await page.post('/auth/signout', {}, { headers: { rid } })).body.status).toBe('OK');
    },
  );
});

describe.each(MODES)('the older names of exists (%s mode)', (mode) => {
  it('ask of the recipe that rid names, and of passwords where it names none', async () => {
    const page = stepgate.page(mode);
    await signIn(page);
    const ask = async (rid?: string) =>
      (await page.get(`/auth/signup/email/exists?email=${EMAIL}`, rid === undefined ? {} : { headers: { rid } })).body;
    expect(await ask('emailpassword')).toEqual({ status: 'OK', exists: true });
    expect(await ask()).toEqual({ status: 'OK', exists: true });
    expect(await ask('passwordless')).toEqual({ status: 'OK', exists: false });
    const phone = await page.get('/auth/signup/phonenumber/exists?phoneNumber=%2B36301234567');
    expect(phone.body).toEqual({ status: 'OK', exists: false });
  });
});

describe('st-auth-mode', () => {
  it.each([
    ['cookie', ['sAccessToken', 'sRefreshToken']],
    ['header', []],
    ['any', []],
    ['Cookie', []],
  ])('%s decides how a new session travels', async (mode, cookies) => {
    const answer = await signIn(stepgate.page('cookie'), { 'st-auth-mode': mode });
    expect(cookieNames(answer.setCookies)).toEqual(cookies);
    expect(answer.headers.get('st-access-token') === null).toBe(cookies.length > 0);
  });

  it.each(MODES)('decides nothing for a session that came by %s: replies go the way it came', async (mode) => {
    const other = mode === 'cookie' ? 'header' : 'cookie';
    const headers = { 'st-auth-mode': other };
    const page = stepgate.page(mode);
    await signIn(page);
    expect((await page.get('/me', { headers })).status).toBe(200);
    const refreshed = await page.post('/auth/session/refresh', undefined, { headers });
    expect(refreshed.status).toBe(200);
    expect(cookieNames(refreshed.setCookies)).toEqual(mode === 'cookie' ? ['sAccessToken', 'sRefreshToken'] : []);
    expect(refreshed.headers.get('st-refresh-token') === null).toBe(mode === 'cookie');
    const out = await page.post('/auth/signout', undefined, { headers });
    expect(cookieNames(out.setCookies)).toEqual(mode === 'cookie' ? ['sAccessToken', 'sRefreshToken'] : []);
    expect(out.headers.get('st-access-token')).toBe(mode === 'cookie' ? null : '');
  });
});

describe.each(EVERYWHERE)('two of a kind (%s mode at the %s door)', (mode, door) => {
  /** Cookies of the browser, with another of the same name in front of it or behind. */
  const twice = (page: Browser, name: string, foreign: string) =>
    [...page.cookies].flatMap(([own, { value }]) => (own === name ? [`${name}=${foreign}`, `${own}=${value}`] : []));

  it('access cookies: try refresh token, whichever is ours; a header session is not disturbed', async () => {
    const page = stepgate.page(mode, { door });
    await signIn(page);
    const cookie =
      mode === 'cookie' ? twice(page, 'sAccessToken', 'foreign').join('; ') : 'sAccessToken=a; sAccessToken=b';
    for (const sent of [cookie, cookie.split('; ').toReversed().join('; ')]) {
      const answer = await page.get('/me', { headers: { cookie: sent } });
      if (mode === 'header') expect(answer.status).toBe(200);
      else expect([answer.status, answer.body]).toEqual([401, { message: 'try refresh token' }]);
      expect(answer.setCookies).toEqual([]);
    }
  });

  it('refresh cookies: 401 with the reference’s sentence and no token; a header session refreshes and clears them', async () => {
    const page = stepgate.page(mode, { door });
    await signIn(page);
    const cookie =
      mode === 'cookie' ? twice(page, 'sRefreshToken', 'foreign').join('; ') : 'sRefreshToken=a; sRefreshToken=b';
    const answer = await page.post('/auth/session/refresh', undefined, { headers: { cookie } });
    if (mode === 'header') {
      expect([answer.status, cookieNames(answer.setCookies)]).toEqual([200, ['sAccessToken', 'sRefreshToken']]);
      expect(answer.setCookies.every((line) => line.includes('=; Path='))).toBe(true);
      return;
    }
    expect(answer).toMatchObject({ status: 401, body: { message: 'The request contains multiple session cookies.' } });
    expect(answer.headers.get('front-token') ?? 'remove').toBe('remove');
    expect((await page.refresh()).status).toBe(200);
  });

  it('carriers: the header counts, and a new session in one clears an older one in the other', async () => {
    const page = stepgate.page(mode, { door });
    const other = stepgate.page(mode === 'cookie' ? 'header' : 'cookie', { door });
    await signIn(page);
    await signIn(other);
    const { access = '' } = other.tokens();
    const carried = mode === 'cookie' ? { authorization: `Bearer ${access}` } : { cookie: `sAccessToken=${access}` };
    const ended = await page.post('/auth/signout', undefined, { headers: carried });
    expect(ended.body).toEqual({ status: 'OK' });
    expect(cookieNames(ended.setCookies)).toEqual([]);

    const answer = await signIn(page, carried);
    if (mode === 'cookie') expect(answer.headers.get('st-access-token')).toBe('');
    else expect(cookieNames(answer.setCookies)).toEqual(['sAccessToken', 'sRefreshToken']);
  });
});
