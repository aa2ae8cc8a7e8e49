/**
 * What another site makes a browser send changes nothing: not with the person's cookies, and not to put cookies of
 * somebody else's session in their place.
 *
 * Why: ASVS V3.5.x; better-auth #10368 checked no origin at sign-in, which let an attacker sign a victim in as himself.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { functions } from '../../functions/index.ts';
import { form, gateway } from '../support/gateway.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { NOBODY } from './mfa.ts';

const stepgate = useStepgate();
const APP = 'https://app.example.com';
const EMAIL = 'victim@example.com';
const cookies: string[] = [];

const signIn = (headers: Readonly<Record<string, string>>, password = PASSWORD) =>
  gateway(stepgate.app())('POST', '/auth/signin', {
    headers: { 'st-auth-mode': 'cookie', ...headers },
    body: form({ email: EMAIL, password }),
  });

beforeAll(async () => {
  await stepgate.tenant('public', { ...NOBODY, allowedOrigins: [APP, 'https://b.example'] });
  await stepgate.tenant('t2', { ...NOBODY, allowedOrigins: ['https://b.example'] });
  await stepgate.user(EMAIL);
  cookies.push(...(await signIn({ origin: APP })).cookies.map((line) => line.split(';')[0]!));
});

const FOREIGN: readonly Readonly<Record<string, string>>[] = [
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { origin: '' },
  { origin: 'https://sibling.example.com', 'sec-fetch-site': 'same-site' },
  { origin: 'https://app.example.com.evil.example' },
  { origin: 'https://evil-app.example.com' },
  { origin: 'https://app.example.com.' },
  { origin: 'https://APP.example.com' },
  { origin: 'https://app.example.com:8443' },
  { origin: 'http://app.example.com' },
  { origin: 'https://app.example.com@evil.example' },
  { origin: 'https://\u0430pp.example.com' },
  { origin: `${APP}, ${APP}` },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
];

const PUBLIC = Object.values(functions)
  .flat()
  .filter(({ caller }) => caller === 'public');
const CHANGING = PUBLIC.filter(({ crossSite }) => crossSite !== true)
  .flatMap(({ routes }) => routes)
  .filter((route) => !/^(GET|OPTIONS) /.test(route));

describe('SEC-49: every endpoint that changes something', () => {
  it.each(CHANGING)('refuses another site with 403 and touches no cookie: %s', async (route) => {
    const [method = '', pattern = ''] = route.split(' ');
    const path = pattern.replace('{tenantId}', 'public').replaceAll(/\{\w+\}/g, 'otp-email');
    for (const headers of FOREIGN) {
      const reply = await gateway(stepgate.app())(method, path, { headers, cookies, body: {} });
      expect([headers, reply.status]).toEqual([headers, 403]);
      expect(reply.cookies).toEqual([]);
      expect(reply.headers).not.toHaveProperty('front-token');
    }
  });

  it('has one exception, which another site is meant to post to: it changes nothing', () => {
    const exempt = PUBLIC.filter(({ crossSite }) => crossSite === true);
    expect(exempt.map(({ routes, access }) => ({ routes, access }))).toEqual([
      { routes: ['POST /auth/callback/apple'], access: { read: ['tenant'] } },
    ]);
  });

  it('leaves the session alone', async () => {
    const reply = await gateway(stepgate.app())('GET', '/me', { cookies });
    expect(reply.status).toBe(200);
  });
});

describe('SEC-49: sign-in with cookies', () => {
  it('is refused to another site before the password counts', async () => {
    for (let i = 0; i < 20; i += 1)
      expect((await signIn({ origin: 'https://evil.example' }, 'wrong')).status).toBe(403);
    expect((await signIn({ origin: APP })).body.status).toBe('OK');
  });

  it.each([{ origin: APP }, { origin: 'http://localhost:3001' }, { 'sec-fetch-site': 'same-origin' }, {}])(
    'is open to a listed origin, to our own and to what is no browser: %j',
    async (headers) => {
      expect((await signIn(headers as Record<string, string>)).body.status).toBe('OK');
    },
  );

  it('is not asked for an origin where tokens go in headers', async () => {
    const reply = await signIn({ 'st-auth-mode': 'header', origin: 'https://evil.example' });
    expect(reply.body.status).toBe('OK');
    expect(reply.headers).not.toHaveProperty('access-control-allow-origin');
  });
});

it('SEC-49: a made-up bearer token does not choose the list for the cookies beside it', async () => {
  const payload = Buffer.from(JSON.stringify({ tId: 't2' })).toString('base64url');
  const reply = await gateway(stepgate.app())('POST', '/auth/signout', {
    headers: { origin: 'https://b.example', authorization: `Bearer x.${payload}.y` },
    cookies: cookies.slice(0, 1),
  });
  expect(reply.status).toBe(200);
  await stepgate.tenant('public', { ...NOBODY, allowedOrigins: [APP] });
  const refused = await gateway(stepgate.app())('POST', '/auth/signout', {
    headers: { origin: 'https://b.example', authorization: `Bearer x.${payload}.y` },
    cookies: cookies.slice(0, 1),
  });
  expect(refused.status).toBe(403);
});
