/**
 * Password reset and verification of addresses as supertokens-web-js asks for them: exactly what a reply holds, in each
 * transfer mode at each door. wire.md §4.2, §7.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from '../support/browser.ts';
import { EVERYWHERE, useFrontDoors } from '../support/front-doors.ts';
import { lastLink } from '../support/links.ts';
import { PASSWORD } from '../support/stepgate.ts';

const stepgate = useFrontDoors();
const NEW = 'a lantern beside the quiet harbour';

beforeAll(() => stepgate.tenant('public', { mfaPolicy: { rules: [] }, emailVerification: 'REQUIRED' }));

describe.each(EVERYWHERE)('%s mode at the %s door', (mode, door) => {
  const email = `recovery-${mode}-${door}@example.com`;
  const fields = (...pairs: readonly (readonly [string, unknown])[]) => pairs.map(([id, value]) => ({ id, value }));

  async function ask(tab: Browser, path: string, body: object) {
    const answer = await tab.post(`/auth/${path}`, body);
    return [answer.status, answer.body];
  }

  it('the reset’s', async () => {
    const tab = stepgate.page(mode, { door });
    await tab.signUp(email, PASSWORD);
    const [request, redeem] = ['user/password/reset/token', 'user/password/reset'];
    expect(await ask(tab, request, { formFields: fields(['email', 'nothing']) })).toEqual([
      200,
      { status: 'FIELD_ERROR', formFields: [{ id: 'email', error: 'Email is invalid' }] },
    ]);
    expect(await ask(tab, request, { formFields: fields(['email', '']) })).toEqual([
      200,
      { status: 'FIELD_ERROR', formFields: [{ id: 'email', error: 'Field is not optional' }] },
    ]);
    expect(await ask(tab, request, { formFields: fields(['email', email]) })).toEqual([200, { status: 'OK' }]);
    const { token } = lastLink(stepgate, email);
    const password = { method: 'token', formFields: fields(['password', NEW]) };
    expect((await ask(tab, redeem, password))[0]).toBe(400);
    expect((await ask(tab, redeem, { ...password, token: 1 }))[0]).toBe(400);
    expect(await ask(tab, redeem, { ...password, token: 'unknown' })).toEqual([
      200,
      { status: 'RESET_PASSWORD_INVALID_TOKEN_ERROR' },
    ]);
    expect(await ask(tab, redeem, { method: 'token', token, formFields: fields(['password', 'short']) })).toEqual([
      200,
      {
        status: 'FIELD_ERROR',
        formFields: [{ id: 'password', error: 'Password must contain at least 15 characters' }],
      },
    ]);
    const done = await tab.post(`/auth/${redeem}`, { ...password, token });
    expect([done.status, done.body, done.setCookies]).toEqual([200, { status: 'OK' }, []]);
    for (const name of ['front-token', 'st-access-token', 'st-refresh-token']) {
      expect(done.headers.get(name)).toBeNull();
    }
  });

  it('the verification’s', async () => {
    const tab = stepgate.page(mode, { door });
    const mine = `verify-${email}`;
    await tab.signUp(mine, PASSWORD);
    const [request, redeem] = ['user/email/verify/token', 'user/email/verify'];
    const state = await tab.get('/auth/user/email/verify');
    expect([state.status, state.body]).toEqual([200, { status: 'OK', isVerified: false }]);
    expect(tab.claims()['st-ev']).toEqual({ v: false, t: expect.any(Number) });
    expect(await ask(tab, request, {})).toEqual([200, { status: 'OK' }]);
    const { token } = lastLink(stepgate, mine);
    expect((await ask(tab, redeem, { method: 'token' }))[0]).toBe(400);
    expect(await ask(tab, redeem, { method: 'token', token: 'unknown' })).toEqual([
      200,
      { status: 'EMAIL_VERIFICATION_INVALID_TOKEN_ERROR' },
    ]);
    const { exp, sessionHandle, refreshTokenHash1 } = tab.claims();
    expect(await ask(tab, redeem, { method: 'token', token })).toEqual([200, { status: 'OK' }]);
    expect(tab.claims()).toMatchObject({ exp, sessionHandle, refreshTokenHash1, 'st-ev': { v: true } });
    expect(await ask(tab, request, {})).toEqual([200, { status: 'EMAIL_ALREADY_VERIFIED_ERROR' }]);
    expect((await stepgate.page(mode, { door }).get('/auth/user/email/verify')).status).toBe(401);
  });
});
