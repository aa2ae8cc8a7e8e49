/**
 * A session that still owes a factor opens nothing but the way to that factor, and out.
 *
 * Why: in other systems the second factor guarded the sign-in page only, and a session made by the password alone could
 * list sessions, switch the factor off or read the account (CVE-2025-64103, OWASP ASVS 6.3.3).
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { EVERYBODY, typeCode } from './mfa.ts';

const stepgate = useStepgate();

describe.each<Mode>(['cookie', 'header'])('SEC-20: a session that owes a factor (%s mode)', (mode) => {
  const email = `pending-${mode}@example.com`;
  const owing = async () => {
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    return page;
  };

  beforeAll(async () => {
    await stepgate.tenant('public', EVERYBODY);
    await stepgate.user(email);
  });

  it.each([
    ['GET', '/me'],
    ['GET', '/auth/sessions'],
    ['DELETE', '/auth/sessions/00000000-0000-4000-8000-000000000000'],
    ['GET', '/auth/mfa/factors'],
    ['PUT', '/auth/mfa/factors/otp-email'],
    ['PUT', '/auth/mfa/factors/otp-phone'],
    ['DELETE', '/auth/mfa/factors/otp-email'],
  ])('gets 403 invalid claim on %s %s', async (method, path) => {
    const page = await owing();
    const answer = await page.send(method, path);
    expect(answer.status).toBe(403);
    expect(answer.body).toEqual({
      message: 'invalid claim',
      claimValidationErrors: [{ id: 'st-mfa', reason: { message: 'MFA requirement for auth is not satisfied' } }],
    });
    // The session itself is fine: nothing tells the client to forget it.
    expect(answer.headers.get('front-token')).toBeNull();
    expect(answer.setCookies).toEqual([]);
  });

  it('ends no session and changes no factor by being refused', async () => {
    const other = await owing();
    await typeCode(stepgate, other, email);
    const page = await owing();
    await page.delete(`/auth/sessions/${other.claims().sessionHandle}`);
    await page.put('/auth/mfa/factors/otp-phone');
    await page.delete('/auth/mfa/factors/otp-email');
    expect((await other.refresh()).status).toBe(200);
    const user = await stepgate.app().users.load(page.claims().sub);
    expect(user?.requiredFactors).toEqual([]);
  });

  it('may be refreshed, and owes as much as before', async () => {
    const page = await owing();
    expect((await page.refresh()).status).toBe(200);
    expect(page.claims()['st-mfa'].v).toBe(false);
    expect((await page.me()).status).toBe(403);
  });

  it('may ask what it owes, have a code sent and sent again, and type it', async () => {
    const page = await owing();
    expect((await page.mfaInfo()).body).toMatchObject({ status: 'OK', factors: { next: ['otp-email'] } });
    const sent = await page.sendCode({ email });
    expect(sent.body.status).toBe('OK');
    stepgate.clock.advance(60_000);
    expect((await page.resendCode(sent.body)).body).toEqual({ status: 'OK' });
    expect((await page.consume(sent.body, stepgate.lastCode(email))).body.status).toBe('OK');
    expect((await page.me()).status).toBe(200);
  });

  it('may sign out', async () => {
    const page = await owing();
    expect((await page.signOut()).body).toEqual({ status: 'OK' });
    expect((await page.refresh()).status).toBe(401);
  });
});
