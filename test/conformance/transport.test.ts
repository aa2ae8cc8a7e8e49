/**
 * What lies between a front end and an endpoint changes nothing: payload 2.0 in base64, a stage in front of the path,
 * header names in any case, no body where none is needed; and a method or tenant that is not served is 404.
 *
 * Why: wire.md §17, T21. Each of these was somebody's "works locally".
 */
import { request } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from '../support/browser.ts';
import { EVERYWHERE, MODES, useFrontDoors } from '../support/front-doors.ts';
import { PASSWORD } from '../support/stepgate.ts';
import { passCode } from '../journeys/steps.ts';

const stepgate = useFrontDoors();
const APP = 'https://app.example';
const ACME = 'https://acme.example';
const EVERYBODY = { mfaPolicy: { rules: [{ id: 'all', require: ['otp-email'] }] } };
const EMAIL = 'wire@example.com';

beforeAll(async () => {
  await stepgate.tenant('public', { ...EVERYBODY, allowedOrigins: [APP] });
  await stepgate.tenant('acme', { ...EVERYBODY, allowedOrigins: [ACME] });
  await stepgate.user(EMAIL);
  await stepgate.user(EMAIL, { tenantId: 'acme' });
});

/** From sign-in to sign-out, through every endpoint of the reference page's flow. */
async function walk(page: Browser): Promise<void> {
  stepgate.clock.advance(31_000);
  expect((await page.signIn(EMAIL, PASSWORD)).body.status).toBe('OK');
  expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email']);
  expect((await passCode(stepgate, page, { email: EMAIL })).body.status).toBe('OK');
  expect((await page.me()).status).toBe(200);
  expect(await page.refresh()).toMatchObject({ status: 200, body: {} });
  expect(await page.signOut()).toMatchObject({ status: 200, body: { status: 'OK' } });
}

describe.each(MODES)('API Gateway (%s mode)', (mode) => {
  it('hands bodies on in base64', () => walk(stepgate.page(mode, { base64: true })));
  it('puts a stage in front of the path', () => walk(stepgate.page(mode, { stage: '/prod', tenantId: 'acme' })));
});

describe('a preflight behind a stage', () => {
  it.each([
    ['/auth/acme/signin', ACME],
    ['/auth/signin', APP],
  ])('finds the tenant of OPTIONS %s', async (path, origin) => {
    const page = stepgate.page('cookie', { stage: '/prod' });
    const ask = async (from: string) =>
      (
        await page.send('OPTIONS', path, undefined, {
          headers: { origin: from, 'access-control-request-method': 'POST' },
        })
      ).headers.get('access-control-allow-origin');
    expect(await ask(origin)).toBe(origin);
    expect(await ask(origin === ACME ? APP : ACME)).toBeNull();
  });
});

describe.each(EVERYWHERE)('%s mode at the %s door', (mode, door) => {
  const page = (tenantId?: string) => stepgate.page(mode, { door, ...(tenantId === undefined ? {} : { tenantId }) });

  it.each([undefined, 'public', 'acme'])('serves the tenant segment %s', (tenantId) => walk(page(tenantId)));

  it.each([
    ['POST', '/auth/session/refresh', 401],
    ['POST', '/auth/signout', 401],
    ['PUT', '/auth/mfa/info', 401],
    ['GET', '/auth/loginmethods', 200],
    ['GET', '/auth/jwt/jwks.json', 200],
  ])('needs no body for %s %s', async (method, path, status) => {
    expect((await page().send(method, path)).status).toBe(status);
  });

  it.each([
    ['POST', '/auth/acme/session/refresh'],
    ['POST', '/auth/acme/signout'],
    ['PUT', '/auth/acme/mfa/info'],
    ['GET', '/auth/acme/jwt/jwks.json'],
    ['GET', '/auth/session/refresh'],
    ['GET', '/auth/signout'],
    ['POST', '/auth/mfa/info'],
    ['GET', '/auth/mfa/info'],
    ['GET', '/auth/signin'],
    ['PUT', '/auth/signinup/code'],
    ['POST', '/auth/loginmethods'],
    ['POST', '/auth/emailpassword/email/exists'],
    ['POST', '/auth/jwt/jwks.json'],
  ])('does not know %s %s', async (method, path) => {
    expect((await page().send(method, path, method === 'GET' ? undefined : {})).status).toBe(404);
  });

  it('answers in JSON that no cache keeps, and lets front ends read the four headers', async () => {
    const { headers } = await page().signIn(EMAIL, PASSWORD);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    const exposed = headers.get('access-control-expose-headers')?.split(', ');
    expect(exposed).toEqual(
      expect.arrayContaining(['front-token', 'anti-csrf', 'st-access-token', 'st-refresh-token']),
    );
  });
});

/** As a client writes it: `fetch` would put names in lower case. */
function sendRaw(path: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const { hostname, port } = new URL(stepgate.url());
  request({ hostname, port, method: path === '/me' ? 'GET' : 'POST', path, headers }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  })
    .once('error', reject)
    .end();
  return promise;
}

describe.each(MODES)('header names in any case (%s mode)', (mode) => {
  it.each(['Authorization Cookie', 'AUTHORIZATION COOKIE', 'aUTHORIZATION cOOKIE'])('%s', async (names) => {
    const [authorization = '', cookie = ''] = names.split(' ');
    await stepgate.tenant('public', { mfaPolicy: { rules: [] }, allowedOrigins: [APP] });
    const page = stepgate.page(mode, { door: 'node' });
    await page.signIn(EMAIL, PASSWORD);
    const { access = '', refresh = '' } = page.tokens();
    const carry = (name: string, token: string) =>
      mode === 'cookie' ? { [cookie]: `${name}=${encodeURIComponent(token)}` } : { [authorization]: `BEARER ${token}` };
    expect(await sendRaw('/me', carry('sAccessToken', access))).toBe(200);
    const own = { ORIGIN: 'http://localhost:3001', RID: 'anti-csrf' };
    expect(await sendRaw('/auth/session/refresh', { ...own, ...carry('sRefreshToken', refresh) })).toBe(200);
    await stepgate.tenant('public', { ...EVERYBODY, allowedOrigins: [APP] });
  });
});
