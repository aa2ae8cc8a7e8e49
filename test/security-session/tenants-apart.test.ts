/**
 * What was issued at one tenant is nothing at another: tokens and codes are refused there as if nobody had made them,
 * and are none the worse for it at home.
 *
 * Why: ASVS 8.4.1; a code or token that is looked up without its tenant lets the staff of one customer into another's.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { EVERYBODY, NOBODY, signInWithCode, storedSession } from './mfa.ts';

const stepgate = useStepgate();
const EMAIL = 'same@example.com';

beforeAll(async () => {
  await stepgate.tenant('t1', EVERYBODY);
  await stepgate.tenant('t2', EVERYBODY);
  await stepgate.tenant('t3', NOBODY);
  for (const tenantId of ['t1', 't2', 't3']) await stepgate.user(EMAIL, { tenantId });
});

describe.each<Mode>(['cookie', 'header'])('SEC-75: made at t1, shown at t2 (%s mode)', (mode) => {
  const at = async (tenantId: string): Promise<Browser> => {
    const page = stepgate.browser(mode, tenantId);
    await page.signIn(EMAIL, PASSWORD);
    return page;
  };
  const link = { shouldTryLinkingWithSessionUser: true };
  const nobodys = {
    deviceId: Buffer.alloc(32, 1).toString('base64url'),
    preAuthSessionId: Buffer.alloc(32, 2).toString('base64url'),
  };

  it('an access token at the path of another tenant is no session', async () => {
    stepgate.aws.inbox().clear();
    const page = await at('t1');
    for (const [path, body] of [
      ['signinup/code', { email: EMAIL, ...link }],
      ['signinup/code/resend', { ...nobodys, ...link }],
      ['signinup/code/consume', { ...nobodys, userInputCode: '000000', ...link }],
    ] as const) {
      for (const tenantId of ['t2', 'public']) {
        const answer = await page.post(`/auth/${tenantId}/${path}`, body);
        expect([path, tenantId, answer.status, answer.body]).toEqual([
          path,
          tenantId,
          401,
          { message: 'unauthorised' },
        ]);
        expect(answer.headers.get('front-token')).toBeNull();
      }
    }
    expect(stepgate.aws.inbox().messages(EMAIL)).toEqual([]);
  });

  it('a code is unknown in a session of another tenant, and still good in its own', async () => {
    const [mine, foreign] = [await at('t1'), await at('t2')];
    const sent = await mine.sendCode({ email: EMAIL });
    const code = stepgate.lastCode(EMAIL);
    stepgate.aws.inbox().clear();

    const known = await foreign.consume(sent.body, code);
    const unknown = await foreign.consume(nobodys, code);
    expect(known.body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    expect([known.status, known.body, known.setCookies]).toEqual([unknown.status, unknown.body, unknown.setCookies]);
    stepgate.clock.advance(60_000);
    expect((await foreign.resendCode(sent.body)).body).toEqual((await foreign.resendCode(nobodys)).body);
    expect(stepgate.aws.inbox().messages(EMAIL)).toEqual([]);
    expect(foreign.claims()['st-mfa'].v).toBe(false);

    expect((await mine.consume(sent.body, code)).body.status).toBe('OK');
    expect((await mine.me()).status).toBe(200);
  });

  it('costs no attempt of the device at home', async () => {
    const [mine, foreign] = [await at('t1'), await at('t2')];
    const sent = await mine.sendCode({ email: EMAIL });
    const code = stepgate.lastCode(EMAIL);
    const wrong = code === '000000' ? '000001' : '000000';
    for (let i = 0; i < 6; i += 1) await foreign.consume(sent.body, wrong);
    expect((await mine.consume(sent.body, wrong)).body).toMatchObject({ failedCodeInputAttemptCount: 1 });
    expect((await mine.consume(sent.body, code)).body.status).toBe('OK');
  });

  it('a refresh token leads to its own tenant alone, whatever access token comes with it', async () => {
    const mine = stepgate.browser(mode, 't1');
    await signInWithCode(stepgate, mine, EMAIL);
    const foreign = await at('t3');
    const { userId } = await storedSession(stepgate, foreign);
    foreign.present({ refresh: mine.tokens().refresh });
    expect((await foreign.refresh()).status).toBe(200);
    expect(foreign.claims()).toMatchObject({
      tId: 't1',
      sub: mine.claims().sub,
      sessionHandle: mine.claims().sessionHandle,
    });
    expect(foreign.claims().sub).not.toBe(userId);
    expect((await foreign.post('/auth/t2/session/refresh')).status).toBe(404);
  });

  it('an account is a stranger to every other tenant', async () => {
    const email = `only-t1-${mode}@example.com`;
    await stepgate.user(email, { tenantId: 't1' });
    for (const tenantId of ['t2', undefined]) {
      const page = stepgate.browser(mode, tenantId);
      expect((await page.signIn(email, PASSWORD)).body).toEqual({ status: 'WRONG_CREDENTIALS_ERROR' });
    }
    const exists = (tenantId: string) =>
      stepgate.browser(mode).get(`/auth/${tenantId}/emailpassword/email/exists?email=${encodeURIComponent(email)}`);
    expect((await exists('t1')).body).toEqual({ status: 'OK', exists: true });
    expect((await exists('t2')).body).toEqual({ status: 'OK', exists: false });
  });

  it('roles of one tenant count for nothing at another', async () => {
    const page = await at('t3');
    await stepgate.app().userAdmin.setRole(page.claims().sub, 't1', 'admin', true);
    await page.refresh();
    expect(page.claims()['st-role'].v).toEqual([]);
    expect((await page.me()).body).toMatchObject({ tenantId: 't3', roles: [] });
  });
});

describe('SEC-75: a tenant nobody has', () => {
  it.each(['nobody', 'T1', 'a'.repeat(64), '-t1', 't1%20', '__proto__', 'constructor'])(
    'answers 404 at /auth/%s',
    async (tenantId) => {
      const page = stepgate.browser('header', tenantId);
      const answer = await page.signIn(EMAIL, PASSWORD);
      expect(answer.status).toBe(404);
      expect(answer.headers.get('front-token')).toBeNull();
    },
  );
});
