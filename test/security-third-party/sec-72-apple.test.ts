/**
 * Apple answers with a form post of another site. It leads on to the front end's own page and to no other, begins
 * nothing, and what it brings counts once.
 */
import { exportPKCS8, generateKeyPair, jwtVerify } from 'jose';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { useHostileIdp } from '../support/hostile-idp.ts';
import { useStepgate } from '../support/stepgate.ts';
import { begin, configure, finish, goodClaims } from '../support/third-party.ts';

const stepgate = useStepgate();
const idp = useHostileIdp();
const PAGE = 'https://app.example/auth/callback/apple';
const CALLBACK = 'http://localhost:3001/auth/callback/apple';
let appleKey: Awaited<ReturnType<typeof generateKeyPair>>['publicKey'];

beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  appleKey = pair.publicKey;
  await configure(stepgate, 'public', {
    mfaPolicy: { rules: [] },
    allowedOrigins: ['https://app.example'],
    providers: [
      {
        thirdPartyId: 'apple',
        clientId: 'com.example.app',
        clientSecret: await exportPKCS8(pair.privateKey),
        teamId: 'TEAM123456',
        keyId: 'KEY1234567',
        issuer: idp.issuer(),
      },
    ],
  });
});
beforeEach(() => idp.quiet());

const stateOf = (frontendRedirectURI: unknown): string =>
  Buffer.from(JSON.stringify({ state: 'random', frontendRedirectURI })).toString('base64');

/** As Apple's page makes a browser send it. */
const post = (form: Record<string, string>, headers: Record<string, string> = {}, raw?: string) =>
  fetch(`${stepgate.url()}/auth/callback/apple`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'https://appleid.apple.com',
      'sec-fetch-site': 'cross-site',
      ...headers,
    },
    body: raw ?? new URLSearchParams(form).toString(),
  });

describe.each<Mode>(['cookie', 'header'])('SEC-72: the callback (%s mode)', (mode) => {
  it('leads on to the page of the front end, which signs in once', async () => {
    const page = stepgate.browser(mode);
    const started = await begin(page, { thirdPartyId: 'apple', redirectUri: CALLBACK });
    expect(Object.fromEntries(started.url.searchParams)).toMatchObject({
      response_mode: 'form_post',
      scope: 'openid email name',
      client_id: 'com.example.app',
    });
    expect(started.url.searchParams.has('code_challenge')).toBe(false);

    const user = JSON.stringify({ name: { firstName: 'Anna' } });
    const iss = idp.issuer();
    const back = await post({ code: 'c', state: stateOf(PAGE), iss, user, id_token: 'must.not.travel' });
    expect(back.status).toBe(303);
    const location = new URL(back.headers.get('location') ?? '');
    expect(location.origin + location.pathname).toBe(PAGE);
    expect(Object.fromEntries(location.searchParams)).toEqual({ code: 'c', state: stateOf(PAGE), iss, user });
    expect(back.headers.getSetCookie()).toEqual([]);

    const claims = { aud: 'com.example.app', sub: `apple-${mode}`, email: `a-${mode}@example.com` };
    idp.says(await idp.token(goodClaims(started, idp.issuer(), { ...claims, email_verified: 'true' })));
    const params = Object.fromEntries(location.searchParams);
    expect((await finish(page, started, params)).body).toMatchObject({
      status: 'OK',
      user: { loginMethods: [{ verified: true }] },
    });
    expect((await finish(page, started, params)).body.status).toBe('GENERAL_ERROR');
  });
});

describe('SEC-72: Apple', () => {
  it('gets a secret that is signed for one call', async () => {
    const page = stepgate.browser('header');
    const started = await begin(page, { thirdPartyId: 'apple', redirectUri: CALLBACK });
    await finish(page, started, { code: 'c' });
    const secret = idp.seen.findLast(({ path }) => path === '/token')?.form.get('client_secret') ?? '';
    const { payload, protectedHeader } = await jwtVerify(secret, appleKey, { audience: 'https://appleid.apple.com' });
    expect(protectedHeader).toMatchObject({ alg: 'ES256', kid: 'KEY1234567' });
    expect(payload).toMatchObject({ iss: 'TEAM123456', sub: 'com.example.app' });
    expect(payload.exp! - payload.iat!).toBe(300);
  });

  it.each([
    ['of another site', stateOf('https://evil.example/x')],
    ['that looks like ours', stateOf('https://app.example.evil.example/x')],
    ['that is a script', stateOf('javascript:alert(1)')],
    ['that is no text', stateOf({ a: 1 })],
    ['that is missing', Buffer.from('{"state":"x"}').toString('base64')],
    ['in a state that is no JSON', 'bm90IGpzb24='],
    ['in no state', ''],
    ['in an endless state', stateOf(`${PAGE}${'x'.repeat(5000)}`)],
  ])('leads to no page %s', async (_, state) => {
    const answer = await post({ code: 'c', state });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
  });

  it('refuses what is too large or no form', async () => {
    const large = await post({}, {}, `code=${'x'.repeat(20_000)}`);
    expect([large.status, large.headers.get('location')]).toEqual([413, null]);
    for (const type of ['application/json', 'text/plain', 'multipart/form-data']) {
      expect((await post({ code: 'c', state: stateOf(PAGE) }, { 'content-type': type })).status).toBe(415);
    }
  });

  it('splits no header, whatever a field holds', async () => {
    const answer = await post({ code: 'c\r\nset-cookie: a=b', state: stateOf(PAGE) });
    expect(answer.status).toBe(303);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(new URL(answer.headers.get('location') ?? '').searchParams.get('code')).toBe('c\r\nset-cookie: a=b');
  });

  it('takes a session that rides along neither for its own nor away', async () => {
    const answer = await post({ code: 'c', state: stateOf(PAGE) }, { cookie: 'sAccessToken=x; sRefreshToken=y' });
    expect(answer.status).toBe(303);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });
});
