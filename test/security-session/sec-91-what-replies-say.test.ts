/**
 * Every reply of every endpoint, good or bad, is hardened, and says nothing of what is inside.
 *
 * Why: ASVS V3.4.x and V16.5.1. An origin that is reflected, or a stack in one error of one endpoint, is found by the
 * first scanner that comes by.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { functions } from '../../functions/index.ts';
import type { Answer } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const APP = 'https://app.example.com';
const OTHER = 'https://acme-app.example.com';

beforeAll(async () => {
  await stepgate.tenant('public', { allowedOrigins: [APP], mfaPolicy: { rules: [] } });
  await stepgate.tenant('acme', { allowedOrigins: [OTHER] });
  await stepgate.tenant('broken', { requiredSecondFactors: ['otp-email'] });
  await stepgate.user('headers@example.com');
});

const ROUTES = Object.values(functions)
  .flat()
  .flatMap(({ routes }) => routes)
  .filter((route) => !route.startsWith('OPTIONS'));
const PUBLIC_READ = ['/auth/jwt/jwks.json', '/auth/.well-known/openid-configuration'];

const call = (route: string, options: { body?: unknown; headers?: Record<string, string>; raw?: string } = {}) => {
  const [method = '', pattern = ''] = route.split(' ');
  const path = pattern
    .replace('{tenantId}', pattern.startsWith('/admin') ? 'scratch' : 'acme')
    .replace('{factorId}', 'otp-email')
    .replace('{handle}', '0'.repeat(36))
    .replace('{userId}', 'nobody')
    .replace('{role}', 'admin');
  const body = method === 'GET' ? undefined : (options.body ?? {});
  return stepgate.browser('header').send(method, path, options.raw === undefined ? body : undefined, {
    ...(options.raw === undefined ? {} : { raw: options.raw }),
    headers: { ...(options.raw === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers },
  });
};

function expectHardened({ headers, body, status }: Answer, path: string): void {
  expect(status).toBeLessThan(500);
  expect(headers.get('strict-transport-security')).toMatch(/max-age=31536000/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  if (!PUBLIC_READ.includes(path)) expect(headers.get('cache-control')).toBe('no-store');
  // Keys and tokens are random letters, which say anything once in a while.
  expect(JSON.stringify(body ?? '').replaceAll(/[\w-]{40,}/g, '…')).not.toMatch(
    /node_modules|\bat [\w.]+ \(|Exception|aws|dynamo|requestid|\.ts:|arn:|stepgate\//i,
  );
  if (headers.get('access-control-allow-origin') === '*') {
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(PUBLIC_READ).toContain(path);
  }
}

describe('SEC-91: every endpoint', () => {
  it.each(ROUTES)('is hardened, whatever it is sent: %s', async (route) => {
    const path = route.split(' ')[1]!;
    for (const answer of [
      await call(route),
      await call(route, { body: { formFields: 'x', deviceId: 1, email: {} } }),
      await call(route, route.startsWith('GET') ? {} : { raw: '{' }),
      await call(route, { headers: { authorization: 'Bearer a.b.c' } }),
      await call(route, { headers: { origin: 'https://evil.example' } }),
    ]) {
      expectHardened(answer, path);
    }
  });

  it('says no more of a malformed tenant than that it is one', async () => {
    const answer = await stepgate.browser('header').send('GET', '/auth/broken/loginmethods');
    expect(answer).toMatchObject({ status: 503, body: { message: 'this tenant is misconfigured' } });
    expect(answer.headers.get('retry-after')).not.toBeNull();
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
});

describe('SEC-91: who may read', () => {
  const origins = async (path: string, origin: string, method = 'GET') => {
    const { headers } = await stepgate.browser('cookie').send(method, path, method === 'GET' ? undefined : {}, {
      headers: { origin },
    });
    return [headers.get('access-control-allow-origin'), headers.get('access-control-allow-credentials')];
  };

  it.each([
    ['/auth/loginmethods', APP],
    ['/auth/acme/loginmethods', OTHER],
    ['/auth/loginmethods', 'http://localhost:3001'],
  ])('an origin that the tenant lists, or our own: %s from %s', async (path, origin) => {
    expect(await origins(path, origin)).toEqual([origin, 'true']);
  });

  it.each([
    ['/auth/acme/loginmethods', APP],
    ['/auth/loginmethods', OTHER],
    ['/auth/loginmethods', 'null'],
    ['/auth/loginmethods', 'https://app.example.com.evil.example'],
    ['/auth/loginmethods', 'https://evil.example/https://app.example.com'],
    ['/auth/loginmethods', 'http://app.example.com'],
    ['/auth/loginmethods', 'https://app.example.com:8443'],
    ['/auth/loginmethods', 'https://APP.example.com'],
    ['/auth/loginmethods', '*'],
  ])('nobody else: %s from %s', async (path, origin) => {
    expect(await origins(path, origin)).toEqual([null, null]);
  });

  it('reads a refusal too, so that a front end can tell what is wrong', async () => {
    const answer = await stepgate.browser('header').send('GET', '/me', undefined, { headers: { origin: APP } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('access-control-allow-origin')).toBe(APP);
    expect(answer.headers.get('vary')).toBe('Origin');
  });

  it('is told which headers it may see, with the tokens', async () => {
    const page = stepgate.browser('header');
    const { headers } = await page.signIn('headers@example.com', PASSWORD);
    expect(headers.get('access-control-expose-headers')).toBe(
      'front-token, anti-csrf, st-access-token, st-refresh-token',
    );
  });

  it.each([
    ['/auth/signin', APP, APP],
    ['/auth/acme/signin', OTHER, OTHER],
    ['/auth/acme/signin', APP, null],
    ['/auth/mfa/info', APP, APP],
    ['/auth/session/refresh', 'https://evil.example', null],
    ['/auth/session/refresh', 'null', null],
  ])('is granted or not by the preflight: %s from %s', async (path, origin, allowed) => {
    const answer = await stepgate.browser('header').send('OPTIONS', path, undefined, {
      headers: { origin, 'access-control-request-method': 'PUT' },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(allowed);
    expect(answer.headers.get('access-control-allow-methods')).toBe(
      allowed === null ? null : 'GET, POST, PUT, DELETE, OPTIONS',
    );
  });
});
