/**
 * Who is let into a customer's handler, and what everybody else is told: by HTTP status and body for the SDKs, by
 * challenge (RFC 9470) for other callers. The real service is the issuer; its keys come over HTTP.
 */
import middy from '@middy/core';
import { generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  issuerAt,
  issuerFrom,
  requireSession,
  type Session,
  type WithSession,
  type Wants,
} from '../../../shared/protect/require-session.ts';
import type { Browser } from '../../support/browser.ts';
import { passCode } from '../../journeys/steps.ts';
import { PASSWORD, useStepgate } from '../../support/stepgate.ts';

const stepgate = useStepgate({ config: { ANTI_CSRF: 'VIA_TOKEN' } });
const URL_SEEN = 'http://localhost:3001';
const SDK = { 'st-auth-mode': 'header', rid: 'anti-csrf' };
const pages = {} as Record<'admin' | 'pending' | 'cookie', Browser>;
let token = '';

beforeAll(async () => {
  await stepgate.tenant('public', {
    contactMethod: 'EMAIL',
    mfaPolicy: { rules: [{ id: 'all', require: ['otp-email'] }] },
  });
  await stepgate.put({ pk: 'ROLE#admin', sk: 'ROLE', permissions: ['read', 'write'] });
  for (const [name, mode] of [
    ['admin', 'header'],
    ['pending', 'header'],
    ['cookie', 'cookie'],
  ] as const) {
    const email = `${name}@example.com`;
    await stepgate.user(email, { roles: ['admin'] });
    pages[name] = stepgate.browser(mode);
    await pages[name].signIn(email, PASSWORD);
    if (name !== 'pending') await passCode(stepgate, pages[name], { email });
  }
  token = pages.admin.tokens().access!;
});

const issuer = (more: Partial<Parameters<typeof issuerAt>[0]> = {}) =>
  issuerAt({
    url: URL_SEEN,
    antiCsrf: 'VIA_TOKEN',
    jwksUrl: `${stepgate.url()}/auth/jwt/jwks.json`,
    clock: stepgate.clock,
    ...more,
  });

interface Asked {
  readonly wants?: Wants;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly method?: string;
  readonly issuer?: ReturnType<typeof issuer>;
}

const eventOf = ({ headers = {}, cookies = [], method = 'GET' }: Asked) => ({
  headers,
  cookies,
  requestContext: { http: { method } },
});

async function ask(asked: Asked) {
  const handler = middy()
    .use(requireSession(asked.wants ?? {}, asked.issuer ?? issuer()))
    .handler((_, { session }): { statusCode: number; headers?: Record<string, string>; body: string } => ({
      statusCode: 200,
      body: JSON.stringify({ userId: session.userId, carrier: session.carrier }),
    }));
  const result = await handler(eventOf(asked) as never, {} as WithSession);
  return { status: result.statusCode, headers: result.headers ?? {}, body: JSON.parse(result.body ?? '{}') };
}

const bearer = (value: string, sdk = true) => ({ authorization: `Bearer ${value}`, ...(sdk ? SDK : {}) });
const invalid = (...faults: unknown[]) => ({ message: 'invalid claim', claimValidationErrors: faults });

/** The token as it is, but for what is changed, signed by somebody else. */
async function forged(change: Readonly<Record<string, unknown>> = {}, header: Readonly<Record<string, unknown>> = {}) {
  const [head, body] = token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
  const { privateKey } = await generateKeyPair('RS256');
  return new SignJWT({ ...body, ...change }).setProtectedHeader({ ...head, ...header }).sign(privateKey);
}

/** Signed by the service itself. */
async function signed(change: Readonly<Record<string, unknown>>) {
  const { kid, key } = await stepgate.app().keys.signer();
  const body = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
  return new SignJWT({ ...body, ...change })
    .setProtectedHeader({ kid, typ: 'JWT', alg: 'RS256', version: '5' })
    .sign(key);
}

describe('a cookie that changes something', () => {
  const OWN = 'https://app.example';
  const other = { status: 403, body: { message: 'this origin is not allowed to send cookies here' } };
  const post = (headers: Readonly<Record<string, string>>, method = 'POST') =>
    ask({
      method,
      headers,
      cookies: [`sAccessToken=${pages.cookie.tokens().access!}`],
      issuer: issuer({ antiCsrf: 'NONE', allowedOrigins: [OWN] }),
    });

  it.each<[string, Readonly<Record<string, string>>]>([
    ['a listed origin', { origin: OWN, 'sec-fetch-site': 'cross-site' }],
    ['Stepgate’s own pages', { origin: URL_SEEN, 'sec-fetch-site': 'same-site' }],
    ['the API’s own pages', { origin: 'https://api.example', 'sec-fetch-site': 'same-origin' }],
    ['no browser', {}],
  ])('is taken from %s', async (_, headers) => expect((await post(headers)).status).toBe(200));

  it.each<[string, Readonly<Record<string, string>>]>([
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['a sibling that is not listed', { origin: 'https://x.app.example', 'sec-fetch-site': 'same-site' }],
    ['nowhere', { origin: 'null' }],
    ['another site that hides its origin', { 'sec-fetch-site': 'cross-site' }],
  ])('is refused from %s', async (_, headers) => expect(await post(headers)).toMatchObject(other));

  it('may be read with from anywhere: what a page sees of it is CORS’ matter', async () => {
    expect((await post({ origin: 'https://evil.example' }, 'GET')).status).toBe(200);
  });

  it('is not the rule for a session by header', async () => {
    const headers = { ...bearer(token), origin: 'https://evil.example' };
    expect((await ask({ method: 'POST', headers })).status).toBe(200);
  });

  it('has its list from the environment', () => {
    const env = { STEPGATE_URL: URL_SEEN, STEPGATE_ALLOWED_ORIGINS: `${OWN},https://b.example` };
    expect([...issuerFrom(env).origins]).toEqual([URL_SEEN, OWN, 'https://b.example']);
    expect([...issuerFrom({ ...env, STEPGATE_ALLOWED_ORIGINS: '' }).origins]).toEqual([URL_SEEN]);
  });

  it('has its list checked at the start', () => {
    expect(() => issuer({ allowedOrigins: ['https://app.example/'] })).toThrow('https://app.example/');
  });
});

describe('requireSession', () => {
  it('lets in a session by header and hands it to the handler', async () => {
    const { sub } = pages.admin.claims();
    expect(await ask({ headers: bearer(token) })).toMatchObject({
      status: 200,
      body: { userId: sub, carrier: 'header' },
    });
  });

  it('gives the handler a typed session', async () => {
    let seen: Session | undefined;
    const handler = middy()
      .use(requireSession({}, issuer()))
      .handler((event, { session }) => {
        const method: string = event.requestContext.http.method;
        // @ts-expect-error -- a session has no such member
        void session.nonsense;
        seen = session;
        return { statusCode: 200, body: method };
      });
    await handler(eventOf({ headers: bearer(token) }) as never, {} as WithSession);
    expect(seen).toMatchObject({ tenantId: 'public', satisfied: true, payload: { 'st-role': { v: ['admin'] } } });
  });

  it.each(['sAccessToken', '__Host-sAccessToken'])('lets in a session by the cookie %s', async (name) => {
    const cookies = [`${name}=${pages.cookie.tokens().access}`];
    expect(await ask({ cookies })).toMatchObject({ status: 200, body: { carrier: 'cookie' } });
  });

  it('reads events of REST APIs and of payload 1.0 as well', async () => {
    const handler = middy()
      .use(requireSession({}, issuer()))
      .handler((_, { session }) => ({ statusCode: 200, body: session.userId }));
    const event = { httpMethod: 'GET', headers: {}, multiValueHeaders: { Authorization: [`Bearer ${token}`] } };
    expect(await handler(event as never, {} as WithSession)).toMatchObject({ statusCode: 200 });
    const cookie = { Cookie: [`a=b; sAccessToken=${pages.cookie.tokens().access}`] };
    expect(await handler({ ...event, multiValueHeaders: cookie } as never, {} as WithSession)).toMatchObject({
      statusCode: 200,
    });
    const two = { authorization: [`Bearer ${token}`, `Bearer ${token}`] };
    expect(await handler({ ...event, multiValueHeaders: two } as never, {} as WithSession)).toMatchObject({
      statusCode: 401,
    });
  });

  it('lets other middlewares see a refusal', async () => {
    const handler = middy()
      .use({ onError: (handling) => void (handling.response.headers['x-cors'] = 'yes') })
      .use(requireSession({}, issuer()))
      .handler(() => ({ statusCode: 200, body: '' }));
    expect(await handler(eventOf({}), {})).toMatchObject({
      statusCode: 401,
      headers: { 'x-cors': 'yes' },
    });
  });

  it.each<[string, () => Promise<Asked> | Asked, string]>([
    ['no token', () => ({ headers: SDK }), 'unauthorised'],
    ['no token of ours', () => ({ headers: bearer('abc') }), 'unauthorised'],
    ['a token of 9,000 characters', () => ({ headers: bearer('a'.repeat(9_000)) }), 'unauthorised'],
    [
      'alg none',
      async () => ({
        headers: bearer(
          `${Buffer.from('{"alg":"none","version":"5","kid":"d-1"}').toString('base64url')}.${token.split('.')[1]}.AA`,
        ),
      }),
      'unauthorised',
    ],
    ['a wrong signature', async () => ({ headers: bearer(await forged()) }), 'try refresh token'],
    ['an unknown kid', async () => ({ headers: bearer(await forged({}, { kid: '../../x' })) }), 'try refresh token'],
    [
      'an embedded key',
      async () => ({ headers: bearer(await forged({}, { jku: 'https://evil.example', jwk: { kty: 'RSA' } })) }),
      'try refresh token',
    ],
    [
      'another issuer',
      async () => ({ headers: bearer(await signed({ iss: 'https://other.example/auth' })) }),
      'try refresh token',
    ],
    [
      'another audience',
      async () => ({ headers: bearer(await signed({ aud: 'https://other.example' })) }),
      'try refresh token',
    ],
    ['an expired token', async () => ({ headers: bearer(await signed({ exp: 1 })) }), 'try refresh token'],
    [
      'a token of the future',
      async () => ({ headers: bearer(await signed({ nbf: 4_000_000_000 })) }),
      'try refresh token',
    ],
    [
      'two cookies',
      () => ({ cookies: [`sAccessToken=${token}`, `__Host-sAccessToken=${token}`] }),
      'try refresh token',
    ],
    [
      'a cookie that changes something without its anti-csrf value',
      () => ({ method: 'POST', cookies: [`sAccessToken=${pages.cookie.tokens().access}`] }),
      'try refresh token',
    ],
  ])('answers 401 to %s', async (_, asked, message) => {
    expect(await ask(await asked())).toMatchObject({ status: 401, body: { message } });
  });

  it('lets a cookie change something that shows its anti-csrf value', async () => {
    const { antiCsrfToken } = pages.cookie.claims();
    const cookies = [`sAccessToken=${pages.cookie.tokens().access}`];
    expect(await ask({ method: 'POST', cookies, headers: { 'anti-csrf': antiCsrfToken } })).toMatchObject({
      status: 200,
    });
  });

  it('answers 403 to a session that owes a factor, and lets it in where that does not matter', async () => {
    const headers = bearer(pages.pending.tokens().access!);
    const reason = { message: 'MFA requirement for auth is not satisfied' };
    expect(await ask({ headers })).toMatchObject({ status: 403, body: invalid({ id: 'st-mfa', reason }) });
    expect(await ask({ headers, wants: { mfa: false } })).toMatchObject({ status: 200 });
  });

  it.each<[string, Wants, unknown]>([
    [
      'a role',
      { roles: ['admin', 'boss'] },
      {
        id: 'st-role',
        reason: { message: 'wrong value', expectedToInclude: ['admin', 'boss'], actualValue: ['admin'] },
      },
    ],
    [
      'a permission',
      { permissions: ['delete'] },
      {
        id: 'st-perm',
        reason: { message: 'wrong value', expectedToInclude: ['delete'], actualValue: ['read', 'write'] },
      },
    ],
    [
      'a factor',
      { factors: ['otp-email', 'totp'] },
      { id: 'st-mfa', reason: { message: 'Factor validation failed: totp not completed', factorId: 'totp' } },
    ],
    [
      'one of two factors',
      { factors: [{ oneOf: ['totp', 'otp-phone'] }] },
      {
        id: 'st-mfa',
        reason: {
          message: 'None of these factors are complete in the session: totp, otp-phone',
          oneOf: ['totp', 'otp-phone'],
        },
      },
    ],
    [
      'one of all factors',
      { factors: [{ allOfInAnyOrder: ['otp-email', 'totp'] }] },
      {
        id: 'st-mfa',
        reason: { message: 'Some of the factors are not complete in the session: totp', allOfInAnyOrder: ['totp'] },
      },
    ],
  ])('answers 403 where %s is missing', async (_, wants, fault) => {
    expect(await ask({ headers: bearer(token), wants })).toMatchObject({ status: 403, body: invalid(fault) });
  });

  it('lets in who has all of it', async () => {
    const wants = {
      roles: ['admin'],
      permissions: ['read'],
      factors: ['emailpassword', { oneOf: ['totp', 'otp-email'] }],
      maxAge: 300,
    };
    expect(await ask({ headers: bearer(token), wants })).toMatchObject({ status: 200 });
  });

  it('counts the age of the second factor to the second, and never the first factor’s', async () => {
    const now = Math.floor(stepgate.clock.now() / 1000);
    const aged = async (c: object) => bearer(await signed({ 'st-mfa': { c, v: true } }));
    const clock = { now: () => now * 1000 };
    const of = async (c: object) =>
      (await ask({ headers: await aged(c), wants: { maxAge: 300 }, issuer: issuer({ clock }) })).status;
    expect(await of({ emailpassword: now, 'otp-email': now - 300 })).toBe(200);
    expect(await of({ emailpassword: now, 'otp-email': now - 301 })).toBe(403);
    expect(await of({ emailpassword: now })).toBe(403);
    expect(await of({ 'otp-email': now - 900, totp: now })).toBe(200);
  });

  it('refuses options that cannot be meant, at once', () => {
    for (const maxAge of [0, -1, Number.NaN, Infinity])
      expect(() => requireSession({ maxAge }, issuer())).toThrow('maxAge');
    expect(() => issuerAt({ url: 'https://auth.example.com/auth' })).toThrow('origin');
    expect(() => requireSession()).toThrow('STEPGATE_URL');
  });
});

describe('a proven address', () => {
  const UNVERIFIED = { message: 'wrong value', expectedValue: true, actualValue: false };

  async function signedUp(name: string, emailVerification: string) {
    await stepgate.tenant('verifying', { mfaPolicy: { rules: [] }, emailVerification });
    const page = stepgate.browser('header', 'verifying');
    await page.signUp(`${name}@example.com`, PASSWORD);
    return bearer(page.tokens().access!);
  }

  it('is asked for where the tenant required it when the token was signed, unless the route does not mind', async () => {
    const headers = await signedUp('required', 'REQUIRED');
    expect(await ask({ headers })).toMatchObject({ status: 403, body: invalid({ id: 'st-ev', reason: UNVERIFIED }) });
    expect((await ask({ headers, wants: { emailVerified: false } })).status).toBe(200);
  });

  it('is asked for by a route of a tenant that leaves it open', async () => {
    const headers = await signedUp('optional', 'OPTIONAL');
    expect((await ask({ headers })).status).toBe(200);
    const refused = await ask({ headers, wants: { emailVerified: true } });
    expect(refused).toMatchObject({ status: 403, body: invalid({ id: 'st-ev', reason: UNVERIFIED }) });
  });

  it('is not there where no tenant speaks of it', async () => {
    const headers = await signedUp('off', 'OFF');
    const reason = { message: 'value does not exist', expectedValue: true };
    const refused = await ask({ headers, wants: { emailVerified: true } });
    expect(refused).toMatchObject({ status: 403, body: invalid({ id: 'st-ev', reason }) });
  });
});

describe('a caller without the SDK', () => {
  it.each<[string, () => Promise<Asked> | Asked, string]>([
    ['shows no token', () => ({}), 'Bearer realm="stepgate"'],
    [
      'shows an expired one',
      async () => ({ headers: bearer(await signed({ exp: 1 }), false) }),
      'Bearer realm="stepgate", error="invalid_token"',
    ],
    [
      'owes a factor',
      () => ({ headers: bearer(pages.pending.tokens().access!, false) }),
      'Bearer error="insufficient_user_authentication", error_description="a second factor is asked for", acr_values="urn:stepgate:mfa"',
    ],
    [
      'has an old factor',
      async () => ({
        wants: { maxAge: 60 },
        headers: bearer(await signed({ 'st-mfa': { c: { 'otp-email': 1 }, v: true } }), false),
      }),
      'Bearer error="insufficient_user_authentication", error_description="a second factor is asked for", acr_values="urn:stepgate:mfa", max_age="60"',
    ],
    [
      'lacks a role',
      () => ({ wants: { roles: ['boss'] }, headers: bearer(token, false) }),
      'Bearer realm="stepgate", error="insufficient_scope"',
    ],
  ])('that %s is told so', async (_, asked, challenge) => {
    expect((await ask(await asked())).headers['www-authenticate']).toBe(challenge);
  });

  it('is the only one that is challenged', async () => {
    const cookies = [`sAccessToken=${pages.cookie.tokens().access}`];
    for (const asked of [
      { headers: SDK },
      { headers: bearer(pages.pending.tokens().access!) },
      { cookies, wants: { roles: ['boss'] } },
    ]) {
      expect((await ask(asked)).headers['www-authenticate']).toBeUndefined();
    }
  });
});
