import { describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { INVALID_CLAIM, passCode } from './steps.ts';

const stepgate = useStepgate();

const needs = (...require: readonly unknown[]) => ({ mfaPolicy: { rules: [{ id: 'all', require }] } });

let users = 0;

describe.each<Mode>(['cookie', 'header'])('a policy nobody can satisfy (%s mode)', (mode) => {
  const signedIn = async (attributes: Readonly<Record<string, unknown>>) => {
    await stepgate.tenant('public', attributes);
    const email = `user-${(users += 1)}@example.com`;
    await stepgate.user(email);
    const page = stepgate.browser(mode);
    expect((await page.signIn(email, PASSWORD)).body.status).toBe('OK');
    return { email, page };
  };

  it.each([
    ['a factor this version has no endpoint for', needs('webauthn'), 'webauthn'],
    ['a factor nobody knows', needs('my-factor'), 'my-factor'],
    ['a factor with the name of a property every object has', needs('constructor'), 'constructor'],
    ['a choice of such factors', needs({ oneOf: ['webauthn', 'custom'] }), 'webauthn or custom'],
    ['such a factor on the tenant’s list', { requiredSecondaryFactors: ['webauthn'] }, 'webauthn'],
    ['a phone where only mail is in use', { ...needs('otp-phone'), contactMethod: 'EMAIL' }, 'otp-phone'],
    ['the password as a second factor of itself and more', needs('emailpassword', 'webauthn'), 'webauthn'],
  ])('keeps everybody out, and says so: %s', async (_, attributes, named) => {
    const { page } = await signedIn(attributes);
    expect(page.claims()['st-mfa'].v).toBe(false);
    expect(await page.me()).toMatchObject({ status: 403, body: INVALID_CLAIM });
    const info = await page.mfaInfo();
    expect(info.status).toBe(200);
    expect(info.body).toEqual({
      status: 'GENERAL_ERROR',
      message: `Your account needs ${named}, which cannot be set up here. Please contact support.`,
    });
    expect((await page.refresh()).status).toBe(200);
    expect((await page.me()).status).toBe(403);
  });

  it('keeps out whoever has done what can be done', async () => {
    const { page, email } = await signedIn(needs({ allOfInAnyOrder: ['otp-email', 'webauthn'] }));
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email']);
    await passCode(stepgate, page, { email });
    expect((await page.mfaInfo()).body.status).toBe('GENERAL_ERROR');
    expect((await page.me()).status).toBe(403);
  });

  it('asks whoever its condition cannot be evaluated for', async () => {
    const { page, email } = await signedIn({
      mfaPolicy: { rules: [{ id: 'paid', when: "user.metadata.plan == 'paid'", require: ['otp-email'] }] },
    });
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email']);
    await passCode(stepgate, page, { email });
    expect((await page.me()).status).toBe(200);
  });

  it('tells of a requirement that appeared meanwhile, with the session’s new claims', async () => {
    const { page } = await signedIn({});
    expect((await page.me()).status).toBe(200);
    await stepgate.tenant('public', needs('webauthn'));
    expect((await page.mfaInfo()).body.status).toBe('GENERAL_ERROR');
    expect(page.claims()['st-mfa'].v).toBe(false);
    expect((await page.me()).status).toBe(403);
  });
});
