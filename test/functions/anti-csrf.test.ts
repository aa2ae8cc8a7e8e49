/**
 * A session that rides along in cookies changes nothing unless the request also shows what only our pages can: each of
 * the three modes, at every request that verifies a session and at refresh; headers are asked for nothing.
 *
 * Why: browsers send cookies with requests that another site made. wire.md §2.9 names what the front end sends in each
 * mode; a check that is forgotten on one of the two paths, or that is made of a header session, is noticed by nobody
 * who only tries the default.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../shared/config.ts';
import { form, gateway, type GatewayReply, type GatewayRequest } from '../support/gateway.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const EMAIL = 'csrf@example.com';

beforeAll(async () => {
  await stepgate.tenant('public', { mfaPolicy: { rules: [] } });
  await stepgate.user(EMAIL);
});

type Mode = Config['ANTI_CSRF'];
type Headers = Readonly<Record<string, string>>;

const call =
  (mode: Mode) =>
  (method: string, path: string, request: GatewayRequest): Promise<GatewayReply> =>
    gateway(stepgate.app(), { ANTI_CSRF: mode })(method, path, { bare: true, ...request });
const cookieOf = (reply: GatewayReply, name: string) =>
  reply.cookies.find((line) => line.startsWith(`${name}=`))?.split(';')[0] ?? '';
const payloadOf = (reply: GatewayReply) =>
  JSON.parse(Buffer.from(reply.headers['front-token']!, 'base64').toString('utf8')).up;

/** What a browser holds after a reply, and how it uses it. */
function holding(mode: Mode, reply: GatewayReply) {
  const access = { cookies: [cookieOf(reply, 'sAccessToken')] };
  const refresh = { cookies: [cookieOf(reply, 'sRefreshToken')] };
  return {
    antiCsrf: reply.headers['anti-csrf'],
    change: (headers: Headers = {}) => call(mode)('PUT', '/auth/mfa/info', { ...access, headers, body: {} }),
    read: (headers: Headers = {}) => call(mode)('GET', '/me', { ...access, headers }),
    refresh: (headers: Headers = {}) => call(mode)('POST', '/auth/session/refresh', { ...refresh, headers }),
  };
}

const signIn = async (mode: Mode) =>
  call(mode)('POST', '/auth/signin', {
    headers: { 'st-auth-mode': 'cookie', rid: 'emailpassword' },
    body: form({ email: EMAIL, password: PASSWORD }),
  });
const signedIn = async (mode: Mode) => holding(mode, await signIn(mode));

const TRY_REFRESH = { status: 401, body: { message: 'try refresh token' }, cookies: [] };

function expectForgotten(reply: GatewayReply): void {
  expect(reply).toMatchObject({ status: 401, body: { message: 'unauthorised' } });
  expect(reply.headers['front-token']).toBe('remove');
  expect(reply.cookies.map((line) => line.split('=')[0])).toEqual(['sAccessToken', 'sRefreshToken']);
}

describe('NONE', () => {
  it('asks for a header that no form can send, whatever it holds, and hands out no value', async () => {
    const page = await signedIn('NONE');
    expect(page.antiCsrf).toBeUndefined();
    for (const reply of [await page.change(), await page.refresh()]) {
      expect(reply).toMatchObject({ status: 403, cookies: [] });
      expect(reply.headers).not.toHaveProperty('front-token');
    }
    expect((await page.change({ 'anti-csrf': 'x' })).status).toBe(200);
    expect((await page.change({ rid: 'anything' })).status).toBe(200);
    expect((await page.read()).status).toBe(200);
    const refreshed = await page.refresh({ rid: 'session' });
    expect(refreshed.status).toBe(200);
    expect(refreshed.headers['anti-csrf']).toBeUndefined();
    expect(payloadOf(refreshed).antiCsrfToken).toBeNull();
  });
});

describe('VIA_CUSTOM_HEADER', () => {
  it('asks whoever changes something for any rid, and sends the client to refresh without one', async () => {
    const page = await signedIn('VIA_CUSTOM_HEADER');
    expect(page.antiCsrf).toBeUndefined();
    expect(await page.change()).toMatchObject(TRY_REFRESH);
    expect((await page.change({ rid: 'anything' })).status).toBe(200);
  });

  it('asks nothing of a GET', async () => {
    const page = await signedIn('VIA_CUSTOM_HEADER');
    expect((await page.read()).status).toBe(200);
  });

  it('makes the client forget a session that is refreshed without a rid, and leaves the session itself alone', async () => {
    const page = await signedIn('VIA_CUSTOM_HEADER');
    expectForgotten(await page.refresh());
    expect((await page.refresh({ rid: 'anti-csrf' })).status).toBe(200);
  });
});

describe('VIA_TOKEN', () => {
  it('hands out a value beside the tokens, the one that the access token carries', async () => {
    const reply = await signIn('VIA_TOKEN');
    expect(reply.headers['anti-csrf']).toMatch(/^[\w-]{22,}$/);
    expect(payloadOf(reply).antiCsrfToken).toBe(reply.headers['anti-csrf']);
    expect(reply.headers['access-control-expose-headers']).toContain('anti-csrf');
  });

  it('asks whoever changes something for that value: a rid, another value or none is not it', async () => {
    const page = await signedIn('VIA_TOKEN');
    const other = await signedIn('VIA_TOKEN');
    expect(other.antiCsrf).not.toBe(page.antiCsrf);
    for (const headers of [{}, { rid: 'anti-csrf' }, { 'anti-csrf': '' }, { 'anti-csrf': other.antiCsrf! }]) {
      expect(await page.change(headers)).toMatchObject(TRY_REFRESH);
    }
    expect((await page.change({ 'anti-csrf': page.antiCsrf! })).status).toBe(200);
    expect((await page.read()).status).toBe(200);
  });

  it('asks for it at refresh, and gives another one with the new tokens', async () => {
    const page = await signedIn('VIA_TOKEN');
    const other = await signedIn('VIA_TOKEN');
    for (const headers of [{}, { rid: 'anti-csrf' }, { 'anti-csrf': other.antiCsrf! }]) {
      expectForgotten(await page.refresh(headers));
    }
    const reply = await page.refresh({ 'anti-csrf': page.antiCsrf! });
    expect(reply.status).toBe(200);
    expect(reply.headers['anti-csrf']).not.toBe(page.antiCsrf);
    expect(payloadOf(reply).antiCsrfToken).toBe(reply.headers['anti-csrf']);

    const next = holding('VIA_TOKEN', reply);
    expect(await next.change({ 'anti-csrf': page.antiCsrf! })).toMatchObject(TRY_REFRESH);
    expect((await next.change({ 'anti-csrf': next.antiCsrf! })).status).toBe(200);
  });

  it('refuses the cookie of a session that began before the mode was switched on', async () => {
    const old = await signIn('NONE');
    expect(await holding('VIA_TOKEN', old).change({ 'anti-csrf': 'null' })).toMatchObject(TRY_REFRESH);
  });
});

describe.each<Mode>(['NONE', 'VIA_CUSTOM_HEADER', 'VIA_TOKEN'])('a session in headers (%s)', (mode) => {
  it('is asked for nothing at all: no browser sends it by itself', async () => {
    const begun = await call(mode)('POST', '/auth/signin', {
      headers: { 'st-auth-mode': 'header' },
      body: form({ email: EMAIL, password: PASSWORD }),
    });
    const bearer = (name: string) => ({ headers: { authorization: `Bearer ${begun.headers[name]}` } });
    expect(await call(mode)('PUT', '/auth/mfa/info', { ...bearer('st-access-token'), body: {} })).toMatchObject({
      status: 200,
    });
    expect((await call(mode)('POST', '/auth/session/refresh', bearer('st-refresh-token'))).status).toBe(200);
  });

  it('is not asked for either where no session is needed', async () => {
    const reply = await call(mode)('POST', '/auth/signin', {
      headers: { 'st-auth-mode': 'cookie' },
      body: form({ email: EMAIL, password: PASSWORD }),
    });
    expect(reply.body).toMatchObject({ status: 'OK' });
  });
});
