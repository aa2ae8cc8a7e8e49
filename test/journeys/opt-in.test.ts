import { beforeAll, describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { INVALID_CLAIM, passCode, signInWithCode } from './steps.ts';

const stepgate = useStepgate();

describe.each<Mode>(['cookie', 'header'])('Example 2, opting in by passing a code once (%s mode)', (mode) => {
  const email = `by-code-${mode}@example.com`;
  let userId = '';

  beforeAll(async () => {
    await stepgate.tenant('public', { contactMethod: 'EMAIL', optInOnConsume: true });
    userId = await stepgate.user(email);
  });

  it('lets a user without a second factor in, and offers one', async () => {
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    expect(page.claims()['st-mfa'].v).toBe(true);
    expect((await page.me()).status).toBe(200);
    expect((await page.mfaInfo()).body.factors).toEqual({
      next: [],
      alreadySetup: ['emailpassword'],
      allowedToSetup: ['emailpassword', 'otp-email'],
    });
  });

  it('puts the factor on the own list of a user who passes a code, in the session that goes on', async () => {
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    const handle = page.claims().sessionHandle;
    expect((await passCode(stepgate, page, { email })).body).toMatchObject({ status: 'OK', user: { id: userId } });
    expect(page.claims()).toMatchObject({ sessionHandle: handle, 'st-mfa': { v: true } });
    expect((await page.me()).status).toBe(200);
    expect((await page.get(`/admin/users/${userId}`)).body.user.requiredFactors).toEqual(['otp-email']);
  });

  it('asks that user at every later sign-in', async () => {
    for (const _ of [1, 2]) {
      const page = stepgate.browser(mode);
      await page.signIn(email, PASSWORD);
      expect(page.claims()['st-mfa'].v).toBe(false);
      expect((await page.me()).body).toEqual(INVALID_CLAIM);
      expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email']);
      await passCode(stepgate, page, { email });
      expect((await page.me()).status).toBe(200);
    }
  });

  it('asks nobody else', async () => {
    const other = `never-${mode}@example.com`;
    await stepgate.user(other);
    const page = stepgate.browser(mode);
    await page.signIn(other, PASSWORD);
    expect((await page.me()).status).toBe(200);
  });

  it('opts nobody in where the tenant does not say so', async () => {
    await stepgate.tenant('public', { contactMethod: 'EMAIL' });
    const careful = `no-opt-in-${mode}@example.com`;
    await stepgate.user(careful);
    const page = stepgate.browser(mode);
    await page.signIn(careful, PASSWORD);
    expect((await passCode(stepgate, page, { email: careful })).body.status).toBe('OK');
    const later = stepgate.browser(mode);
    await later.signIn(careful, PASSWORD);
    expect(later.claims()['st-mfa'].v).toBe(true);
    await stepgate.tenant('public', { contactMethod: 'EMAIL', optInOnConsume: true });
  });
});

describe.each<Mode>(['cookie', 'header'])('opting in and out by the settings page (%s mode)', (mode) => {
  const email = `by-switch-${mode}@example.com`;

  beforeAll(async () => {
    await stepgate.tenant('public', { contactMethod: 'EMAIL' });
    await stepgate.user(email);
  });

  it('goes on with the present session when the switch is set, and keeps it through a refresh once a code is passed', async () => {
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    expect((await page.put('/auth/mfa/factors/otp-email', {})).body).toEqual({ status: 'OK' });
    expect((await page.me()).status).toBe(200);

    await page.refresh();
    expect(page.claims()['st-mfa'].v).toBe(false);
    expect((await page.me()).body).toEqual(INVALID_CLAIM);
    await passCode(stepgate, page, { email });
    expect((await page.me()).status).toBe(200);
    await page.refresh();
    expect((await page.me()).status).toBe(200);
  });

  it('asks at the next sign-in', async () => {
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    expect((await page.me()).body).toEqual(INVALID_CLAIM);
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email']);
  });

  it('will not be switched off by a session that has not passed the factor', async () => {
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    expect((await page.delete('/auth/mfa/factors/otp-email')).status).toBe(403);
    const next = stepgate.browser(mode);
    await next.signIn(email, PASSWORD);
    expect(next.claims()['st-mfa'].v).toBe(false);
  });

  it('asks no longer once it was switched off with a fresh factor', async () => {
    const page = stepgate.browser(mode);
    await signInWithCode(stepgate, page, email);
    expect((await page.delete('/auth/mfa/factors/otp-email')).body).toEqual({ status: 'OK' });
    expect((await page.me()).status).toBe(200);

    const later = stepgate.browser(mode);
    await later.signIn(email, PASSWORD);
    expect(later.claims()['st-mfa'].v).toBe(true);
    expect((await later.me()).status).toBe(200);
    expect((await later.mfaInfo()).body.factors).toMatchObject({
      next: [],
      alreadySetup: ['emailpassword', 'otp-email'],
    });
  });
});
