/**
 * A trace per endpoint: exactly what a reply holds, in each transfer mode at each door. wire.md §2 to §9, §16a.
 *
 * Differences that are ours: completing a factor hands out a new refresh token too (T5; security.md §3.6, no switch), a
 * password account's address is verified by the code, and 15 minutes are the life of an access token.
 */
import { createHash } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../support/browser.ts';
import { EVERYWHERE, useFrontDoors } from '../support/front-doors.ts';
import { PASSWORD } from '../support/stepgate.ts';

const stepgate = useFrontDoors();

beforeAll(() =>
  stepgate.tenant('public', {
    contactMethod: 'EMAIL',
    mfaPolicy: { rules: [{ id: 'all', require: ['otp-email'] }] },
  }),
);

const ID = expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/);
const MS = expect.toSatisfy((value: unknown) => Number.isInteger(value) && Number(value) > 1e12);
const SECONDS = expect.toSatisfy((value: unknown) => Number.isInteger(value) && Number(value) < 1e11);

describe.each(EVERYWHERE)('%s mode at the %s door', (mode, door) => {
  const email = `trace-${mode}-${door}@example.com`;
  const page = stepgate.page;
  const method = (recipeId: string, verified: boolean) => ({
    recipeId,
    recipeUserId: ID,
    tenantIds: ['public'],
    verified,
    timeJoined: MS,
    email,
    webauthn: { credentialIds: [] },
  });
  const user = (isPrimaryUser: boolean, loginMethods: unknown[]) => ({
    id: ID,
    isPrimaryUser,
    tenantIds: ['public'],
    emails: [email],
    phoneNumbers: [],
    thirdParty: [],
    webauthn: { credentialIds: [] },
    loginMethods,
    timeJoined: MS,
  });
  const attributes = (answer: Answer) =>
    answer.setCookies.map((line) => line.replace(/^([^=]+)=[^;]+/, '$1=…').replace(/Expires=[^;]+/, 'Expires=…'));
  const ACCESS = 'sAccessToken=…; Path=/; Expires=…; HttpOnly; SameSite=Lax';
  const REFRESH = 'sRefreshToken=…; Path=/auth/session/refresh; Expires=…; HttpOnly; SameSite=Lax';
  const EMPTIED = [ACCESS, REFRESH].map((line) => line.replace('=…', '='));

  /** Both tokens in one carrier and nothing in the other. */
  function tokensHandedOut(answer: Answer): void {
    expect(attributes(answer)).toEqual(mode === 'cookie' ? [ACCESS, REFRESH] : []);
    for (const name of ['st-access-token', 'st-refresh-token']) {
      expect([name, answer.headers.get(name) !== null]).toEqual([name, mode === 'header']);
    }
    expect(answer.headers.get('anti-csrf')).toBeNull();
  }

  it('the reference page’s flow', async () => {
    const tab = page(mode, { door });
    const ask = (path: string) => tab.get(path).then(({ body }) => body);
    expect(await ask(`/auth/emailpassword/email/exists?email=${email}`)).toEqual({ status: 'OK', exists: false });

    const signedUp = await tab.signUp(email, PASSWORD);
    expect([signedUp.status, signedUp.body]).toEqual([
      200,
      { status: 'OK', user: user(false, [method('emailpassword', false)]) },
    ]);
    tokensHandedOut(signedUp);
    expect(await ask(`/auth/emailpassword/email/exists?email=${email}`)).toEqual({ status: 'OK', exists: true });
    expect((await page(mode, { door }).signUp(email, PASSWORD)).body).toEqual({
      status: 'FIELD_ERROR',
      formFields: [{ id: 'email', error: 'This email already exists. Please sign in instead.' }],
    });

    const signedIn = await tab.signIn(email, PASSWORD);
    expect(signedIn.body).toEqual({ status: 'OK', user: user(false, [method('emailpassword', false)]) });
    tokensHandedOut(signedIn);
    expect((await page(mode, { door }).signIn(email, 'wrong password')).body).toEqual({
      status: 'WRONG_CREDENTIALS_ERROR',
    });
    const { sessionHandle, exp } = tab.claims();

    const info = await tab.mfaInfo();
    expect([info.status, info.body]).toEqual([
      200,
      {
        status: 'OK',
        factors: { next: ['otp-email'], alreadySetup: ['emailpassword'], allowedToSetup: ['otp-email'] },
        emails: { emailpassword: [email], 'otp-email': [email] },
        phoneNumbers: {},
      },
    ]);
    expect([info.headers.get('front-token'), info.setCookies]).toEqual([null, []]);

    const sent = await tab.sendCode({ email: ` ${email.toUpperCase()} ` });
    expect(sent.body).toEqual({
      status: 'OK',
      deviceId: expect.stringMatching(/^[A-Za-z\d+/]{43}=$/),
      preAuthSessionId: expect.stringMatching(/^[\w-]{43}$/),
      flowType: 'USER_INPUT_CODE',
    });
    stepgate.clock.advance(31_000);
    expect((await tab.resendCode(sent.body)).body).toEqual({ status: 'OK' });

    const consumed = await tab.consume(sent.body, stepgate.lastCode(email));
    expect(consumed.body).toEqual({
      status: 'OK',
      createdNewRecipeUser: true,
      user: user(true, [method('emailpassword', true), method('passwordless', true)]),
    });
    tokensHandedOut(consumed);
    expect(tab.claims()).toMatchObject({ sessionHandle, 'st-mfa': { v: true } });
    expect(tab.claims().exp).toBeGreaterThanOrEqual(exp);

    const refreshed = await tab.refresh();
    expect([refreshed.status, refreshed.body]).toEqual([200, {}]);
    tokensHandedOut(refreshed);

    const out = await tab.signOut();
    expect([out.status, out.body, out.headers.get('front-token')]).toEqual([200, { status: 'OK' }, 'remove']);
    expect(attributes(out)).toEqual(mode === 'cookie' ? EMPTIED : []);
    expect(out.headers.get('st-access-token')).toBe(mode === 'cookie' ? null : '');
  });

  it('the access token, and its copy for the front end', async () => {
    const owner = `token-${mode}-${door}@example.com`;
    await stepgate.user(owner, { roles: ['admin'] });
    const tab = page(mode, { door });
    const answer = await tab.signIn(owner, PASSWORD);
    const { access = '', refresh = '' } = tab.tokens();
    expect(access + refresh).not.toMatch(/[;,\s]/);
    expect(decodeProtectedHeader(access)).toEqual({
      alg: 'RS256',
      typ: 'JWT',
      version: '5',
      kid: expect.stringMatching(/^d-/),
    });
    const payload = JSON.parse(Buffer.from(access.split('.')[1]!, 'base64url').toString('utf8'));
    expect(payload).toMatchObject({
      sub: ID,
      rsub: ID,
      tId: 'public',
      sessionHandle: ID,
      refreshTokenHash1: createHash('sha256').update(refresh).digest('hex'),
      parentRefreshTokenHash1: null,
      antiCsrfToken: null,
      iss: 'http://localhost:3001/auth',
      iat: SECONDS,
      exp: SECONDS,
      'st-mfa': { c: { emailpassword: SECONDS }, v: false },
      'st-role': { v: ['admin'], t: MS },
      'st-perm': { v: [], t: MS },
    });
    const front = answer.headers.get('front-token')!;
    expect(front).toMatch(/^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/);
    expect(JSON.parse(Buffer.from(front, 'base64').toString('utf8'))).toEqual({
      uid: payload.sub,
      ate: payload.exp * 1_000,
      up: payload,
    });
  });

  it('what is public: loginmethods, keys, discovery', async () => {
    const ask = async (path: string) => page(mode, { door }).get(path);
    expect((await ask('/auth/loginmethods?clientType=web')).body).toEqual({
      status: 'OK',
      emailPassword: { enabled: true },
      thirdParty: { enabled: false, providers: [] },
      passwordless: { enabled: true },
      webauthn: { enabled: false },
      firstFactors: ['emailpassword', 'otp-email'],
      // Ours, for the hosted pages; front ends pass over what they do not know.
      secondFactors: ['otp-email'],
      branding: {},
      signUpFields: [],
      passwordMinLength: 8,
      otpDigits: 6,
      resendSeconds: 2,
    });
    const keys = await ask('/auth/jwt/jwks.json');
    expect(keys.body.keys[0]).toMatchObject({
      kty: 'RSA',
      alg: 'RS256',
      use: 'sig',
      kid: expect.stringMatching(/^d-/),
    });
    expect(Object.keys(keys.body.keys[0]).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    expect(keys.headers.get('access-control-allow-origin')).toBe('*');
    expect(keys.headers.get('cache-control')).toMatch(/max-age=\d+, must-revalidate/);
    expect((await ask('/auth/.well-known/openid-configuration')).body).toMatchObject({
      issuer: 'http://localhost:3001/auth',
      jwks_uri: 'http://localhost:3001/auth/jwt/jwks.json',
    });
  });
});
