/**
 * One spelling of a path is served, the identity of a request comes from its one token, and no header says otherwise.
 *
 * Why: limits that another spelling walks past (GHSA-x732), proxies' headers that are believed (GHSA-5wcc,
 * CVE-2026-45364) and two tokens of which the check reads one and the handler the other.
 */
import { request } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { form, gateway } from '../support/gateway.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { NOBODY } from './mfa.ts';

const stepgate = useStepgate({ config: { LIMIT_SCALE: '1' } });
const [ADA, BOB] = ['ada@example.com', 'bob@example.com'];
const ids: Record<string, string> = {};

beforeAll(async () => {
  await stepgate.tenant('public', NOBODY);
  await stepgate.tenant('t2', NOBODY);
  for (const email of [ADA, BOB]) ids[email] = await stepgate.user(email);
});

const tokensOf = async (email: string, tenantId?: string) => {
  const reply = await gateway(stepgate.app())(
    'POST',
    tenantId === undefined ? '/auth/signin' : `/auth/${tenantId}/signin`,
    {
      body: form({ email, password: PASSWORD }),
      ip: '198.51.100.9',
    },
  );
  return { access: reply.headers['st-access-token']!, refresh: reply.headers['st-refresh-token']! };
};

/** The path as it is, where `fetch` would tidy it up. */
function raw(method: string, path: string, headers: Readonly<Record<string, string | string[]>> = {}): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const body = JSON.stringify(form({ email: ADA, password: 'wrong' }));
  const { hostname, port } = new URL(stepgate.url());
  const sent = request(
    { hostname, port, method, path, headers: { 'content-type': 'application/json', ...headers } },
    (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    },
  );
  sent.once('error', reject);
  sent.end(method === 'GET' || method === 'HEAD' ? undefined : body);
  return promise;
}

describe('SEC-80: another spelling of a path', () => {
  it.each([
    '//auth/signin',
    '/auth//signin',
    '/auth/signin/',
    '/AUTH/signin',
    '/auth/SIGNIN',
    '/auth/%73ignin',
    '/auth/./signin',
    '/auth/../auth/signin',
    '/auth/signin;x',
    '/auth/signin;x=1/',
    '/auth/signin%2f',
    '/auth/signin%00',
    '/auth/signin%20',
    '/auth%2fsignin',
    '/auth/%2e/signin',
    String.raw`/auth\signin`,
    '/auth/public//signin',
    '/auth/public%2fsignin',
    '/auth/%E0%A4%A/signin',
    'http://evil.example/auth/signin',
    '/signin',
    '/auth',
    '/',
  ])('POST %s is 404', async (path) => {
    expect(await raw('POST', path)).toBe(404);
  });

  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'POSTS'])('%s on a path of POST is 404', async (method) => {
    const status = await raw(method, '/auth/signin').catch(() => 400);
    expect([400, 404]).toContain(status);
  });

  it('a query is no part of it, and a method in a header no method', async () => {
    expect(await raw('POST', '/auth/signin?x=/../')).toBe(200);
    for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
      expect(await raw('GET', '/auth/signin', { [name]: 'POST' })).toBe(404);
      expect(await raw('POST', '/me', { [name]: 'GET' })).toBe(404);
    }
  });

  it('with a tenant that does not exist is 404 as well, with the tenant it names counted apart', async () => {
    expect(await raw('POST', '/auth/PUBLIC/signin')).toBe(404);
    expect(await raw('POST', '/auth/public;x/signin')).toBe(404);
    expect(await raw('POST', '/auth/%70ublic/signin')).toBe(200);
  });

  it('reaches the same limit where it is served: the public tenant, named and not', async () => {
    const call = gateway(stepgate.app());
    const body = form({ email: BOB, password: 'wrong' });
    for (let i = 0; i < 5; i += 1) {
      expect((await call('POST', '/auth/signin', { body })).body.status).toBe('WRONG_CREDENTIALS_ERROR');
      expect((await call('POST', '/auth/public/signin', { body })).body.status).toBe('WRONG_CREDENTIALS_ERROR');
    }
    expect((await call('POST', '/auth/public/signin', { body })).body.status).toBe('GENERAL_ERROR');
    expect((await call('POST', '/auth/signin', { body })).body.status).toBe('GENERAL_ERROR');
  });

  it('a limit per address counts the peer, whatever a forwarding header says, and IPv6 by its network', async () => {
    const call = gateway(stepgate.app());
    const exists = (ip: string, headers: Readonly<Record<string, string>> = {}) =>
      call('GET', '/auth/emailpassword/email/exists', { query: { email: ADA }, ip, headers });
    for (let i = 0; i < 10; i += 1) expect((await exists(`2001:db8:0:7::${i}`)).status).toBe(200);
    for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'true-client-ip', 'cf-connecting-ip']) {
      const limited = await exists('2001:db8:0:7::ffff', { [name]: '203.0.113.77' });
      expect([name, limited.status, limited.headers['retry-after']]).toEqual([
        name,
        429,
        expect.stringMatching(/^\d+$/),
      ]);
    }
    expect((await exists('2001:db8:0:8::1')).status).toBe(200);
  });
});

describe('SEC-81: whose request it is', () => {
  const me = (about: Parameters<ReturnType<typeof gateway>>[2]) => gateway(stepgate.app())('GET', '/me', about);
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  it('is never said by another header', async () => {
    const { access } = await tokensOf(ADA);
    const spoofed = {
      'x-user-id': ids[BOB]!,
      'x-tenant-id': 't2',
      'x-amzn-oidc-data': access,
      'x-amzn-oidc-identity': ids[BOB]!,
      'x-apigateway-authorizer': '{"sub":"x"}',
      'x-original-url': '/admin/tenants',
      'x-rewrite-url': '/admin/tenants',
      'x-forwarded-user': ids[BOB]!,
    };
    expect((await me({ headers: spoofed })).status).toBe(401);
    expect((await me({ headers: { ...spoofed, ...bearer(access) } })).body).toMatchObject({
      userId: ids[ADA],
      tenantId: 'public',
    });
  });

  it('is the header’s where a header and a cookie carry different people', async () => {
    const [ada, bob] = [await tokensOf(ADA), await tokensOf(BOB)];
    const mixed = { headers: bearer(ada.access), cookies: [`sAccessToken=${bob.access}`] };
    expect((await me(mixed)).body).toMatchObject({ userId: ids[ADA] });
    const spent = await me({
      headers: bearer(`${ada.access.slice(0, -4)}AAAA`),
      cookies: [`sAccessToken=${bob.access}`],
    });
    expect([spent.status, spent.body]).toEqual([401, { message: 'try refresh token' }]);
  });

  it('is the cookie’s where the header carries something of somebody else', async () => {
    const { access } = await tokensOf(BOB);
    for (const authorization of ['Basic YTpi', 'Bearer sk_live_1', 'Bearer', 'Token x', 'bearer  two  parts']) {
      expect((await me({ headers: { authorization }, cookies: [`sAccessToken=${access}`] })).body).toMatchObject({
        userId: ids[BOB],
      });
    }
  });

  it('is nobody’s with two Authorization headers, as a gateway joins them', async () => {
    const [ada, bob] = [await tokensOf(ADA), await tokensOf(BOB)];
    const headers = { authorization: `Bearer ${ada.access},Bearer ${bob.access}` };
    expect((await me({ headers })).status).toBe(401);
    expect((await me({ headers: { authorization: `Bearer ${ada.access}, Bearer ${ada.access}` } })).status).toBe(401);
    const refresh = { authorization: `Bearer ${ada.refresh},Bearer ${bob.refresh}` };
    expect((await gateway(stepgate.app())('POST', '/auth/session/refresh', { headers: refresh })).status).toBe(401);
    expect(
      (await gateway(stepgate.app())('POST', '/auth/session/refresh', { headers: bearer(ada.refresh) })).status,
    ).toBe(200);
  });

  it('is to be refreshed with two access cookies, and refused with two refresh cookies', async () => {
    const [ada, bob] = [await tokensOf(ADA), await tokensOf(BOB)];
    const twice = await me({ cookies: [`sAccessToken=${ada.access}`, `sAccessToken=${bob.access}`] });
    expect([twice.status, twice.body]).toEqual([401, { message: 'try refresh token' }]);
    const refreshed = await gateway(stepgate.app())('POST', '/auth/session/refresh', {
      cookies: [`sRefreshToken=${ada.refresh}`, `sRefreshToken=${bob.refresh}`],
    });
    expect([refreshed.status, refreshed.body]).toEqual([
      401,
      { message: 'The request contains multiple session cookies.' },
    ]);
    expect(refreshed.headers['st-access-token'] ?? '').toBe('');
    for (const { refresh } of [ada, bob]) {
      const alone = await gateway(stepgate.app())('POST', '/auth/session/refresh', { headers: bearer(refresh) });
      expect(alone.status).toBe(200);
    }
  });

  it('is not said by a cookie whose name only begins like ours, nor by one without a name', async () => {
    const { access } = await tokensOf(ADA);
    const others = ['sAccessTokenX', `sAccessToken2=${access}`, `xsAccessToken=${access}`, access, '=', ''];
    expect((await me({ cookies: others })).status).toBe(401);
    expect((await me({ cookies: others })).body).toEqual({ message: 'unauthorised' });
    expect((await me({ cookies: [...others, `sAccessToken=${access}`] })).body).toMatchObject({ userId: ids[ADA] });
  });

  it('gets a new session in the carrier that st-auth-mode names, and the header where it names none of them', async () => {
    for (const [mode, cookies] of [
      ['cookie', 2],
      ['header', 0],
      ['cookie, header', 0],
      ['COOKIE', 0],
      ['', 0],
    ] as const) {
      const reply = await gateway(stepgate.app())('POST', '/auth/signin', {
        headers: { 'st-auth-mode': mode },
        body: form({ email: ADA, password: PASSWORD }),
        ip: '203.0.113.5',
      });
      expect([mode, reply.cookies.length, 'st-access-token' in reply.headers]).toEqual([mode, cookies, cookies === 0]);
    }
  });
});
