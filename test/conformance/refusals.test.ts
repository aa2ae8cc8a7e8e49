/**
 * wire.md §2.8: every way a session can be missing, spent or over, at every endpoint that wants one: status, body, and
 * whether the client is told to forget its tokens.
 *
 * Why: to the SDKs 401 means "refresh" or "signed out", and `front-token` alone tells which (T17). Clearing where one
 * should refresh signs people out; not clearing where all is over makes them refresh for ever.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Browser } from '../support/browser.ts';
import { cookieNames, EVERYWHERE, MODES, useFrontDoors } from '../support/front-doors.ts';
import { unknownDevice } from '../support/otp.ts';
import { PASSWORD } from '../support/stepgate.ts';

const stepgate = useFrontDoors();
const EMAIL = 'refused@example.com';
const OWES = 'owes@example.com';
let userId = '';

beforeAll(async () => {
  await stepgate.tenant('public', {
    mfaPolicy: { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] }] },
  });
  userId = await stepgate.user(EMAIL);
  await stepgate.user(OWES, { roles: ['admin'] });
});

const FLAG = { shouldTryLinkingWithSessionUser: true };
/** Every call that needs a session, with what makes it well-formed. */
const CALLS: readonly (readonly [string, unknown])[] = [
  ['PUT /auth/mfa/info', {}],
  ['POST /auth/signout', {}],
  ['POST /auth/signinup/code', { email: EMAIL, ...FLAG }],
  ['POST /auth/signinup/code/resend', { ...unknownDevice(), ...FLAG }],
  ['POST /auth/signinup/code/consume', { ...unknownDevice(), userInputCode: '123456', ...FLAG }],
  ['GET /me', undefined],
  ['GET /auth/sessions', undefined],
  ['GET /auth/mfa/factors', undefined],
  ['PUT /auth/mfa/factors/otp-email', {}],
  ['DELETE /auth/mfa/factors/otp-email', {}],
  ['DELETE /auth/sessions/00000000-0000-4000-8000-000000000000', {}],
];
/** Those that read nothing but the token before they answer, or that an MFA-pending session may not call. */
const NEED_MFA = CALLS.slice(5);

const call = (page: Browser, [route, body]: readonly [string, unknown]): Promise<Answer> => {
  const [method = '', path = ''] = route.split(' ');
  return page.send(method, path, body);
};

function kept(answer: Answer, message: string): void {
  expect([answer.status, answer.body]).toEqual([401, { message }]);
  expect(answer.headers.get('front-token')).toBeNull();
  expect(answer.headers.get('st-access-token')).toBeNull();
  expect(answer.setCookies).toEqual([]);
}

function forgotten(answer: Answer): void {
  expect([answer.status, answer.body]).toEqual([401, { message: 'unauthorised' }]);
  expect(answer.headers.get('front-token')).toBe('remove');
  expect([answer.headers.get('st-access-token'), answer.headers.get('st-refresh-token')]).toEqual(['', '']);
  expect(cookieNames(answer.setCookies)).toEqual(['sAccessToken', 'sRefreshToken']);
}

describe.each(EVERYWHERE)('%s mode at the %s door', (mode, door) => {
  const signedIn = async (email = EMAIL) => {
    const page = stepgate.page(mode, { door });
    expect((await page.signIn(email, PASSWORD)).body.status).toBe('OK');
    return page;
  };

  it.each(CALLS)('%s without a token: unauthorised, nothing is cleared', async (...one) => {
    kept(await call(stepgate.page(mode, { door }), one), 'unauthorised');
  });

  it.each(CALLS)('%s with something that is no token: as without one', async (...one) => {
    const page = stepgate.page(mode, { door });
    page.present({ access: 'abc.def.ghi' });
    kept(await call(page, one), 'unauthorised');
  });

  it('with a token whose signature is wrong: try refresh token', async () => {
    const page = await signedIn();
    const access = page.tokens().access!;
    page.present({ access: `${access.slice(0, -8)}AAAAAAAA` });
    for (const one of CALLS) kept(await call(page, one), 'try refresh token');
  });

  it('with a session whose claims are not met: 403, tokens kept', async () => {
    const page = await signedIn(OWES);
    for (const one of NEED_MFA) {
      const answer = await call(page, one);
      expect([one[0], answer.status, answer.body]).toEqual([
        one[0],
        403,
        {
          message: 'invalid claim',
          claimValidationErrors: [{ id: 'st-mfa', reason: { message: 'MFA requirement for auth is not satisfied' } }],
        },
      ]);
      expect([answer.headers.get('front-token'), answer.setCookies]).toEqual([null, []]);
    }
    expect((await page.mfaInfo()).status).toBe(200);
    expect((await page.signOut()).body).toEqual({ status: 'OK' });
  });

  it('with a session that was ended elsewhere: cleared where the account is looked at; GET /me goes by the token', async () => {
    const page = await signedIn();
    const other = await signedIn();
    await other.delete(`/auth/sessions/${page.claims().sessionHandle}`);
    expect((await page.me()).status).toBe(200);
    forgotten(await page.mfaInfo());
    expect(page.tokens()).toEqual({ access: undefined, refresh: undefined });
  });

  it('flag true without a session: 401 and never a first factor, for a password too', async () => {
    const formFields = [
      { id: 'email', value: EMAIL },
      { id: 'password', value: PASSWORD },
    ];
    for (const path of ['/auth/signin', '/auth/signup']) {
      kept(await stepgate.page(mode, { door }).post(path, { formFields, ...FLAG }), 'unauthorised');
    }
    // With one, it is a way in to link: what the account has already changes nothing, and begins nothing.
    const page = await signedIn();
    const { sessionHandle } = page.claims();
    const again = await page.post('/auth/signin', { formFields, ...FLAG });
    expect(again).toMatchObject({ status: 200, body: { status: 'OK', user: { loginMethods: [{}] } } });
    expect(page.claims().sessionHandle).toBe(sessionHandle);
  });

  it('a code as first factor, where the tenant begins no session with it: 401 and cleared', async () => {
    await stepgate.tenant('passwords', { firstFactors: ['emailpassword'] });
    for (const flag of [{}, { shouldTryLinkingWithSessionUser: false }]) {
      const page = stepgate.page(mode, { door });
      forgotten(await page.post('/auth/passwords/signinup/code', { email: EMAIL, ...flag }));
    }
  });

  it('a tenant that begins no session with a password: 401 and cleared', async () => {
    await stepgate.tenant('codes', { firstFactors: ['otp-email'] });
    const page = stepgate.page(mode, { door, tenantId: 'codes' });
    forgotten(await page.signIn(EMAIL, PASSWORD));
    expect((await page.get('/auth/codes/loginmethods')).body).toMatchObject({
      emailPassword: { enabled: false },
      firstFactors: ['otp-email'],
    });
  });
});

describe.each(MODES)('a life of an access token (%s mode)', (mode) => {
  it('is over at its exp: try refresh token everywhere; one refresh and the same call works', async () => {
    const page = stepgate.page(mode);
    await page.signIn(EMAIL, PASSWORD);
    const { exp, sessionHandle } = page.claims();
    stepgate.clock.advance(exp * 1_000 - stepgate.clock.now());
    for (const one of CALLS) kept(await call(page, one), 'try refresh token');
    expect(await page.refresh()).toMatchObject({ status: 200, body: {} });
    expect(page.claims()).toMatchObject({ sub: userId, sessionHandle });
    expect((await page.me()).status).toBe(200);
  });
});
