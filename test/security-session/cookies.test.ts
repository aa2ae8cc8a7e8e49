/**
 * Session cookies are out of reach of scripts, plain lines and other sites, and one reply never sets one name twice.
 *
 * Why: ASVS 3.3; better-auth #9639 handed out a live session by emitting two cookies of one name; a cookie that is
 * cleared with other attributes than it was set with stays.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../shared/config.ts';
import { form, gateway, type GatewayReply } from '../support/gateway.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { EVERYBODY } from './mfa.ts';

const stepgate = useStepgate();
const EMAIL = 'baker@example.com';

beforeAll(async () => {
  await stepgate.tenant('public', EVERYBODY);
  await stepgate.user(EMAIL);
});

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly expires: number;
  /** Everything else it was set with, in a fixed order. */
  readonly attributes: readonly string[];
}

function parse(line: string): Cookie {
  const [pair = '', ...attributes] = line.split('; ');
  const expires = attributes.find((attribute) => attribute.startsWith('Expires='))?.slice('Expires='.length) ?? '';
  return {
    name: pair.slice(0, pair.indexOf('=')),
    value: pair.slice(pair.indexOf('=') + 1),
    expires: Date.parse(expires),
    attributes: attributes.filter((attribute) => !attribute.startsWith('Expires=')).toSorted(),
  };
}

/** A whole login by cookies, reply by reply; what a browser would send back is sent back. */
async function login(config: Partial<Config>) {
  const call = gateway(stepgate.app(), config);
  const jar = new Map<string, string>();
  const send = async (method: string, path: string, body?: unknown): Promise<GatewayReply> => {
    const reply = await call(method, path, {
      headers: { 'st-auth-mode': 'cookie', rid: 'anti-csrf' },
      cookies: [...jar].map(([name, value]) => `${name}=${value}`),
      ...(body === undefined ? {} : { body }),
    });
    for (const { name, value } of reply.cookies.map(parse)) jar.set(name, value);
    return reply;
  };
  const link = { shouldTryLinkingWithSessionUser: true };
  const signIn = await send('POST', '/auth/signin', form({ email: EMAIL, password: PASSWORD }));
  const refresh = await send('POST', '/auth/session/refresh');
  const sent = await send('POST', '/auth/signinup/code', { email: EMAIL, ...link });
  const { deviceId, preAuthSessionId } = sent.body;
  const device = { deviceId, preAuthSessionId, userInputCode: stepgate.lastCode(EMAIL) };
  const completion = await send('POST', '/auth/signinup/code/consume', { ...device, ...link });
  const signOut = await send('POST', '/auth/signout', {});
  return { signIn, refresh, sent, completion, signOut };
}

describe.each([
  ['http', {}, []],
  ['https', { PUBLIC_URL: 'https://auth.example.com' }, ['Secure']],
  [
    'https with COOKIE_DOMAIN',
    { PUBLIC_URL: 'https://auth.example.com', COOKIE_DOMAIN: '.example.com' },
    ['Domain=.example.com', 'Secure'],
  ],
] as const)('SEC-47: cookies over %s', (_, config, extra) => {
  const always = [...extra, 'HttpOnly', 'SameSite=Lax'];
  const expected = {
    sAccessToken: [...always, 'Path=/'].toSorted(),
    sRefreshToken: [...always, 'Path=/auth/session/refresh'].toSorted(),
  };

  it('have the same attributes at sign-in, refresh, completion and sign-out, one of each name', async () => {
    const { signIn, refresh, completion, signOut } = await login(config);
    for (const [step, reply] of Object.entries({ signIn, refresh, completion, signOut })) {
      expect([step, reply.status]).toEqual([step, 200]);
      const cookies = reply.cookies.map(parse);
      expect(cookies.map(({ name }) => name)).toEqual(['sAccessToken', 'sRefreshToken']);
      for (const { name, attributes } of cookies) {
        expect([step, name, attributes]).toEqual([step, name, expected[name as keyof typeof expected]]);
      }
      for (const line of reply.cookies) expect(Buffer.byteLength(line)).toBeLessThan(4_096);
    }
  });

  it('come with no token in a header or body', async () => {
    const { signIn, refresh, completion } = await login(config);
    for (const { headers, body, cookies } of [signIn, refresh, completion]) {
      expect(headers['st-access-token'] ?? '').toBe('');
      expect(headers['st-refresh-token'] ?? '').toBe('');
      for (const { value } of cookies.map(parse)) expect(JSON.stringify(body)).not.toContain(value);
    }
  });

  it('are cleared with an empty value in the past, and the client is told to forget', async () => {
    const { signOut } = await login(config);
    for (const { value, expires } of signOut.cookies.map(parse)) {
      expect(value).toBe('');
      expect(expires).toBe(0);
    }
    expect(signOut.headers['front-token']).toBe('remove');
  });

  it('last a year for the access token, and as long as the session may for the refresh token', async () => {
    const { completion } = await login(config);
    const [access, refresh] = completion.cookies.map(parse);
    const days = (time: number) => (time - stepgate.clock.now()) / 86_400_000;
    expect(days(access!.expires)).toBeCloseTo(365, 1);
    expect(days(refresh!.expires)).toBeCloseTo(7, 1);
  });
});

describe('SEC-47: header mode', () => {
  const mode = { 'st-auth-mode': 'header' };
  const signIn = (cookies: readonly string[] = []) =>
    gateway(stepgate.app())('POST', '/auth/signin', {
      headers: mode,
      cookies,
      body: form({ email: EMAIL, password: PASSWORD }),
    });

  it('sets no cookie at sign-in, refresh, completion and sign-out', async () => {
    const call = gateway(stepgate.app());
    const signedIn = await signIn();
    const refreshed = await call('POST', '/auth/session/refresh', {
      headers: { authorization: `Bearer ${signedIn.headers['st-refresh-token']}` },
    });
    const bearer = { authorization: `Bearer ${refreshed.headers['st-access-token']}` };
    const link = { shouldTryLinkingWithSessionUser: true };
    const sent = await call('POST', '/auth/signinup/code', { headers: bearer, body: { email: EMAIL, ...link } });
    const { deviceId, preAuthSessionId } = sent.body;
    const device = { deviceId, preAuthSessionId, userInputCode: stepgate.lastCode(EMAIL) };
    const completed = await call('POST', '/auth/signinup/code/consume', {
      headers: bearer,
      body: { ...device, ...link },
    });
    expect(completed.body.status).toBe('OK');
    const out = await call('POST', '/auth/signout', {
      headers: { authorization: `Bearer ${completed.headers['st-access-token']}` },
    });
    expect(out.body).toEqual({ status: 'OK' });
    expect(out.headers).toMatchObject({ 'st-access-token': '', 'st-refresh-token': '', 'front-token': 'remove' });
    for (const reply of [signedIn, refreshed, sent, completed, out]) expect(reply.cookies).toEqual([]);
  });

  it('is what a client gets that does not say', async () => {
    const reply = await gateway(stepgate.app())('POST', '/auth/signin', {
      body: form({ email: EMAIL, password: PASSWORD }),
    });
    expect(reply.cookies).toEqual([]);
    expect(reply.headers['st-access-token']).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  it('clears the cookies of an older session, so that two never live side by side', async () => {
    const reply = await signIn(['sAccessToken=old', 'sRefreshToken=old']);
    expect(reply.cookies.map(parse).map(({ name, value }) => [name, value])).toEqual([
      ['sAccessToken', ''],
      ['sRefreshToken', ''],
    ]);
  });
});

describe('SEC-47: a refusal that ends the session', () => {
  it('clears each name once, in both carriers', async () => {
    const reply = await gateway(stepgate.app())('POST', '/auth/session/refresh', {
      cookies: ['sRefreshToken=v1.garbage'],
    });
    expect(reply.status).toBe(401);
    expect(reply.cookies.map(parse).map(({ name }) => name)).toEqual(['sAccessToken', 'sRefreshToken']);
    expect(reply.headers).toMatchObject({ 'st-access-token': '', 'st-refresh-token': '', 'front-token': 'remove' });
  });
});
