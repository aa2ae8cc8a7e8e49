import { describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();

const ADMINS_ONLY = {
  contactMethod: 'EMAIL',
  mfaPolicy: { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] }] },
};

describe.each<Mode>(['cookie', 'header'])('Example 1, admins need a code (%s mode)', (mode) => {
  const admin = `admin-${mode}@example.com`;

  it('asks an admin for a code the first time, and lets the admin in with it', async () => {
    await stepgate.tenant('public', ADMINS_ONLY);
    const userId = await stepgate.user(admin, { roles: ['admin'] });
    const page = stepgate.browser(mode);

    expect((await page.signIn(admin, PASSWORD)).body).toMatchObject({ status: 'OK', user: { id: userId } });
    expect(page.claims()['st-mfa']).toMatchObject({ v: false, c: { emailpassword: expect.any(Number) } });
    expect(page.claims()['st-role'].v).toEqual(['admin']);
    const handle = page.claims().sessionHandle;

    const refused = await page.me();
    expect(refused.status).toBe(403);
    expect(refused.body).toEqual({
      message: 'invalid claim',
      claimValidationErrors: [{ id: 'st-mfa', reason: { message: 'MFA requirement for auth is not satisfied' } }],
    });

    expect((await page.mfaInfo()).body).toEqual({
      status: 'OK',
      factors: { next: ['otp-email'], alreadySetup: ['emailpassword'], allowedToSetup: ['otp-email'] },
      emails: { emailpassword: [admin], 'otp-email': [admin] },
      phoneNumbers: {},
    });

    const sent = await page.sendCode({ email: admin });
    expect(sent.body).toEqual({
      status: 'OK',
      deviceId: expect.any(String),
      preAuthSessionId: expect.any(String),
      flowType: 'USER_INPUT_CODE',
    });

    const before = page.tokens().refresh;
    const consumed = await page.consume(sent.body, stepgate.lastCode(admin));
    expect(consumed.body).toMatchObject({
      status: 'OK',
      createdNewRecipeUser: true,
      user: {
        id: userId,
        isPrimaryUser: true,
        emails: [admin],
        loginMethods: [{ recipeId: 'emailpassword' }, { recipeId: 'passwordless', email: admin, verified: true }],
      },
    });
    expect(page.claims()).toMatchObject({ sessionHandle: handle, sub: userId, 'st-mfa': { v: true } });
    expect(page.tokens().refresh).not.toBe(before);

    expect(await page.me()).toMatchObject({
      status: 200,
      body: { userId, tenantId: 'public', roles: ['admin'], mfa: { satisfied: true } },
    });
    expect((await page.mfaInfo()).body.factors).toEqual({
      next: [],
      alreadySetup: ['emailpassword', 'otp-email'],
      allowedToSetup: ['emailpassword', 'otp-email'],
    });
    expect((await page.refresh()).status).toBe(200);
    expect(page.claims()['st-mfa'].v).toBe(true);
    expect((await page.signOut()).body).toEqual({ status: 'OK' });
    expect((await page.me()).status).toBe(401);
  });

  it('asks a returning admin again, now completing what is set up', async () => {
    const page = stepgate.browser(mode);
    await page.signIn(admin, PASSWORD);
    expect((await page.mfaInfo()).body.factors).toEqual({
      next: ['otp-email'],
      alreadySetup: ['emailpassword', 'otp-email'],
      allowedToSetup: [],
    });
    const sent = await page.sendCode({ email: admin });
    const consumed = await page.consume(sent.body, stepgate.lastCode(admin));
    expect(consumed.body).toMatchObject({ status: 'OK', createdNewRecipeUser: false });
    expect((await page.me()).status).toBe(200);
  });

  it('never asks an ordinary user', async () => {
    const user = `user-${mode}@example.com`;
    await stepgate.user(user);
    const page = stepgate.browser(mode);
    expect((await page.signIn(user, PASSWORD)).body.status).toBe('OK');
    expect((await page.me()).status).toBe(200);
    expect((await page.mfaInfo()).body.factors.next).toEqual([]);
  });
});
