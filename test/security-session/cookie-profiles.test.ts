/**
 * Each way to set cookies up, in a browser's own terms: names, prefixes and attributes, set and cleared alike; and what
 * happens where two cookies of one name arrive.
 *
 * Why: a cookie cleared with another Path, Domain or name than it was set with stays; a second cookie that a sibling
 * domain planted must never be the one that counts.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../shared/config.ts';
import { form, gateway, type GatewayReply } from '../support/gateway.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { EVERYBODY } from './mfa.ts';

const stepgate = useStepgate();
const EMAIL = 'cooper@example.com';
const HTTPS = { PUBLIC_URL: 'https://auth.example.com' } as const;
const HARDENED = { ...HTTPS, COOKIE_PROFILE: 'hardened' } as const;
const MOVED = { ...HTTPS, COOKIE_DOMAIN: 'auth.example.com', OLDER_COOKIE_DOMAIN: 'example.com' } as const;
const REFRESH = '/auth/session/refresh';
const PLAIN_LEFT = ['sAccessToken=old', 'sRefreshToken=old'];

beforeAll(async () => {
  await stepgate.tenant('public', EVERYBODY);
  await stepgate.user(EMAIL);
});

function parse(line: string) {
  const [pair = '', ...attributes] = line.split('; ');
  const expires = attributes.find((attribute) => attribute.startsWith('Expires=')) ?? '';
  return {
    name: pair.slice(0, pair.indexOf('=')),
    value: pair.slice(pair.indexOf('=') + 1),
    expires: Date.parse(expires.slice('Expires='.length)),
    attributes: attributes.filter((attribute) => attribute !== expires).toSorted(),
  };
}
const pairs = (reply: GatewayReply) => reply.cookies.map((line) => line.split(';')[0]!);
const pairOf = (reply: GatewayReply, name: string) => pairs(reply).find((pair) => pair.startsWith(`${name}=`))!;
/** Name and domain of what a reply clears, `host` for none. */
const cleared = (reply: GatewayReply) =>
  reply.cookies
    .map(parse)
    .filter(({ value, expires }) => value === '' && expires === 0)
    .map(({ name, attributes }) => `${name} ${attributes.find((part) => part.startsWith('Domain=')) ?? 'host'}`);

const sender =
  (config: Partial<Config>) =>
  (method: string, path: string, cookies: readonly string[], body?: unknown, query?: Record<string, string>) =>
    gateway(stepgate.app(), config)(method, path, {
      headers: { 'st-auth-mode': 'cookie' },
      cookies,
      ...(body === undefined ? {} : { body }),
      ...(query === undefined ? {} : { query }),
    });
const signIn = (config: Partial<Config>, cookies: readonly string[] = []) =>
  sender(config)('POST', '/auth/signin', cookies, form({ email: EMAIL, password: PASSWORD }));

async function login(config: Partial<Config>) {
  const send = sender(config);
  const link = { shouldTryLinkingWithSessionUser: true };
  const signedIn = await signIn(config);
  const refreshed = await send('POST', REFRESH, pairs(signedIn));
  const sent = await send('POST', '/auth/signinup/code', pairs(refreshed), { email: EMAIL, ...link });
  const { deviceId, preAuthSessionId } = sent.body;
  const device = { deviceId, preAuthSessionId, userInputCode: stepgate.lastCode(EMAIL) };
  const consumed = await send('POST', '/auth/signinup/code/consume', pairs(refreshed), { ...device, ...link });
  const signedOut = await send('POST', '/auth/signout', pairs(consumed), {});
  return { live: { signedIn, refreshed, consumed }, signedOut };
}

const PLAIN_NAMES = ['sAccessToken', 'sRefreshToken'];
describe.each<[string, Partial<Config>, string[], string[], string[]]>([
  ['Lax', {}, PLAIN_NAMES, ['SameSite=Lax'], []],
  [
    'None over https',
    { ...HTTPS, COOKIE_SAME_SITE: 'None', ANTI_CSRF: 'VIA_CUSTOM_HEADER' },
    PLAIN_NAMES,
    ['SameSite=None', 'Secure'],
    [],
  ],
  [
    'a parent domain',
    { ...HTTPS, COOKIE_DOMAIN: 'example.com' },
    PLAIN_NAMES,
    ['SameSite=Lax', 'Secure', 'Domain=example.com'],
    [],
  ],
  ['hardened', HARDENED, ['__Host-sAccessToken', '__Secure-sRefreshToken'], ['SameSite=Lax', 'Secure'], PLAIN_NAMES],
])('SEC-47: cookies with %s', (_, config, names, extra, alsoCleared) => {
  const expected = (name: string) =>
    [...extra, 'HttpOnly', name.endsWith('sRefreshToken') ? `Path=${REFRESH}` : 'Path=/'].toSorted();

  it('are set once per name at sign-in, refresh and consume, and cleared alike at sign-out', async () => {
    const { live, signedOut } = await login(config);
    for (const [step, reply] of Object.entries({ ...live, signedOut })) {
      expect([step, reply.status]).toEqual([step, 200]);
      const cookies = reply.cookies.map(parse);
      expect([step, cookies.map(({ name }) => name)]).toEqual([
        step,
        reply === signedOut ? [...names, ...alsoCleared] : names,
      ]);
      for (const { name, attributes, value } of cookies) {
        expect([step, name, attributes]).toEqual([step, name, expected(name)]);
        expect(value === '').toBe(reply === signedOut);
      }
    }
    expect(cleared(signedOut)).toHaveLength(signedOut.cookies.length);
  });

  it('SEC-48: are refused where the access cookie comes twice, whichever is first', async () => {
    const access = pairOf((await login(config)).live.consumed, names[0]!);
    const send = sender(config);
    expect((await send('GET', '/me', [access])).status).toBe(200);
    for (const two of [
      [access, `${names[0]}=planted`],
      [`${names[0]}=planted`, access],
    ]) {
      expect((await send('GET', '/me', two)).status).toBe(401);
    }
  });
});

describe('SEC-48: hardened', () => {
  it('does not read plain names, even with a live session in them, and clears them at refresh', async () => {
    const plain = await login(HTTPS);
    const live = pairs(plain.live.consumed);
    expect((await sender(HARDENED)('GET', '/me', live)).status).toBe(401);
    const reply = await sender(HARDENED)('POST', REFRESH, live);
    expect(reply).toMatchObject({ status: 401, body: { message: 'unauthorised' } });
    expect(cleared(reply)).toEqual(expect.arrayContaining(['sAccessToken host', 'sRefreshToken host']));
  });

  it('is not disturbed by planted plain cookies, and clears them beside the new ones', async () => {
    const signedIn = await signIn(HARDENED, PLAIN_LEFT);
    expect(cleared(signedIn)).toEqual(['sAccessToken host', 'sRefreshToken host']);
    const refreshed = await sender(HARDENED)('POST', REFRESH, [...pairs(signedIn).slice(0, 2), ...PLAIN_LEFT]);
    expect(refreshed.status).toBe(200);
    expect(cleared(refreshed)).toEqual(['sAccessToken host', 'sRefreshToken host']);
  });

  it('clears the plain cookies of the domain that used to share them, too', async () => {
    const both = [
      'sAccessToken host',
      'sRefreshToken host',
      'sAccessToken Domain=example.com',
      'sRefreshToken Domain=example.com',
    ];
    const config = { ...HARDENED, OLDER_COOKIE_DOMAIN: 'example.com' };
    expect(cleared(await signIn(config, PLAIN_LEFT))).toEqual(both);
    expect(cleared(await sender(config)('POST', REFRESH, PLAIN_LEFT))).toEqual(expect.arrayContaining(both));
  });
});

describe('SEC-48: two refresh cookies', () => {
  const MULTIPLE = { status: 401, body: { message: 'The request contains multiple session cookies.' }, cookies: [] };

  it('are told apart by clearing those of OLDER_COOKIE_DOMAIN, then the refresh works', async () => {
    const refresh = pairOf(await signIn(MOVED), 'sRefreshToken');
    const send = sender(MOVED);
    const redirect = await send('POST', REFRESH, [refresh, 'sRefreshToken=older']);
    expect(redirect.status).toBe(307);
    expect(redirect.headers['location']).toBe(`${REFRESH}?older=cleared`);
    expect(cleared(redirect)).toEqual([
      'sAccessToken Domain=example.com',
      'sRefreshToken Domain=example.com',
      'sAccessToken host',
      'sRefreshToken host',
    ]);
    expect(redirect.cookies.map((line) => parse(line).attributes.find((part) => part.startsWith('Path=')))).toEqual([
      'Path=/',
      `Path=${REFRESH}`,
      'Path=/',
      `Path=${REFRESH}`,
    ]);
    const again = await send('POST', REFRESH, [refresh], undefined, { older: 'cleared' });
    expect(again.status).toBe(200);
    expect(parse(again.cookies[1]!).attributes).toContain('Domain=auth.example.com');
  });

  it('are told apart by clearing those of the host alone where COOKIE_DOMAIN is new, then the refresh works', async () => {
    const before = pairOf(await signIn(HTTPS), 'sRefreshToken');
    const send = sender({ ...HTTPS, COOKIE_DOMAIN: 'example.com' });
    const first = await send('POST', REFRESH, [before]);
    expect(first.status).toBe(200);
    const ours = pairOf(first, 'sRefreshToken');
    const redirect = await send('POST', REFRESH, [before, ours]);
    expect(redirect).toMatchObject({ status: 307, headers: { location: `${REFRESH}?older=cleared` } });
    expect(cleared(redirect)).toEqual(['sAccessToken host', 'sRefreshToken host']);
    const again = await send('POST', REFRESH, [ours], undefined, { older: 'cleared' });
    expect(again.status).toBe(200);
    expect(parse(again.cookies[1]!).attributes).toContain('Domain=example.com');
  });

  it('are looked for under the access name, too, and not with a bearer token', async () => {
    const refresh = pairOf(await signIn(MOVED), 'sRefreshToken');
    const cookies = [refresh, 'sAccessToken=one', 'sAccessToken=two'];
    expect((await sender(MOVED)('POST', REFRESH, cookies)).status).toBe(307);
    const headers = { authorization: `Bearer ${refresh.split('=')[1]}` };
    const call = gateway(stepgate.app(), MOVED);
    expect((await call('POST', REFRESH, { headers, cookies })).status).toBe(200);
  });

  it('are refused when both remain, and the live session is left alone', async () => {
    const refresh = pairOf(await signIn(MOVED), 'sRefreshToken');
    const send = sender(MOVED);
    const two = [refresh, 'sRefreshToken=planted'];
    expect(await send('POST', REFRESH, two, undefined, { older: 'cleared' })).toMatchObject(MULTIPLE);
    expect((await send('POST', REFRESH, [refresh])).status).toBe(200);
  });

  it('are refused at once without COOKIE_DOMAIN and OLDER_COOKIE_DOMAIN', async () => {
    const refresh = pairOf(await signIn(HTTPS), 'sRefreshToken');
    expect(await sender(HTTPS)('POST', REFRESH, [refresh, 'sRefreshToken=planted'])).toMatchObject(MULTIPLE);
  });
});
