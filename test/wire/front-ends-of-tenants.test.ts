/**
 * What a browser lets the SDKs read: exact origins of the tenant a call is about, of `public` where it is about none.
 *
 * Seen with auth-react 0.51.3 in Chromium: an unknown or malformed tenant looked like a network failure.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const SHARED = 'https://shared.example';
const OWN = 'https://own.example';
const FOREIGN = 'https://foreign.example';

beforeAll(async () => {
  await stepgate.tenant('public', { allowedOrigins: [SHARED] });
  await stepgate.tenant('own', { allowedOrigins: [OWN, SHARED] });
  await stepgate.tenant('broken', { requiredSecondaryFactor: ['otp-email'], allowedOrigins: [OWN] });
  await stepgate.user('a@example.com', { tenantId: 'own' });
});

async function allowed(method: string, path: string, origin: string) {
  const preflight = await stepgate.browser().send('OPTIONS', path, undefined, {
    headers: { origin, 'access-control-request-method': method },
  });
  const { headers, status } = await stepgate.browser().send(method, path, {}, { headers: { origin } });
  return {
    status,
    preflight: preflight.headers.get('access-control-allow-headers') !== null,
    preflightOrigin: preflight.headers.get('access-control-allow-origin'),
    origin: headers.get('access-control-allow-origin'),
  };
}

const open = (origin: string) => ({ preflight: true, preflightOrigin: origin, origin });
const shut = { preflight: false, preflightOrigin: null, origin: null };

describe('without a tenant in the path, and without a token', () => {
  it.each(['/auth/session/refresh', '/auth/signout'])('the list of public counts: POST %s', async (path) => {
    expect(await allowed('POST', path, SHARED)).toEqual({ status: 401, ...open(SHARED) });
    expect(await allowed('POST', path, OWN)).toEqual({ status: 403, ...shut });
  });
});

describe.each([
  ['nowhere', 404],
  ['broken', 503],
])('the tenant %s', (tenantId, status) => {
  it(`is told as ${status} to the pages of public, not as a network error`, async () => {
    const path = `/auth/${tenantId}/loginmethods`;
    const read = async (origin: string) => {
      const reply = await stepgate.browser().get(path, { headers: { origin } });
      return { status: reply.status, origin: reply.headers.get('access-control-allow-origin') };
    };
    expect(await read(SHARED)).toEqual({ status, origin: SHARED });
    expect(await read(FOREIGN)).toEqual({ status, origin: null });
    expect(await allowed('POST', `/auth/${tenantId}/signin`, SHARED)).toMatchObject(open(SHARED));
    expect(await allowed('POST', `/auth/${tenantId}/signin`, FOREIGN)).toMatchObject(shut);
  });
});

describe('with a session', () => {
  it('the list of its tenant counts, wherever the call goes', async () => {
    const page = stepgate.browser('header', 'own');
    await page.signIn('a@example.com', PASSWORD);
    const read = async (origin: string) =>
      (await page.get('/me', { headers: { origin } })).headers.get('access-control-allow-origin');
    expect(await read(OWN)).toBe(OWN);
    await stepgate.tenant('own', { allowedOrigins: [OWN] });
    expect(await read(SHARED)).toBeNull();
  });
});
