import { beforeAll, describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { INVALID_CLAIM, passCode } from './steps.ts';

const stepgate = useStepgate();

const IS_REQUIRED = "'otp-email' in tenant.requiredSecondaryFactors";

const ADMINS_OF_TENANTS = {
  rules: [{ id: 'admins', when: `'admin' in user.roles && ${IS_REQUIRED}`, require: ['otp-email'] }],
};
const OPTED_IN_OF_TENANTS = { rules: [{ id: 'opted-in', when: IS_REQUIRED, requireFrom: 'user' }] };

describe.each<Mode>(['cookie', 'header'])('Example 1 over tenants: role and tenant list (%s mode)', (mode) => {
  const admin = `admin-${mode}@example.com`;
  const clerk = `clerk-${mode}@example.com`;

  beforeAll(async () => {
    await stepgate.tenant('acme', { requiredSecondaryFactors: ['otp-email'], mfaPolicy: ADMINS_OF_TENANTS });
    await stepgate.tenant('easy', { mfaPolicy: ADMINS_OF_TENANTS });
    for (const tenantId of ['acme', 'easy']) {
      await stepgate.user(admin, { tenantId, roles: ['admin'] });
      await stepgate.user(clerk, { tenantId });
    }
  });

  it('asks an admin of a tenant that requires it', async () => {
    const page = stepgate.browser(mode, 'acme');
    await page.signIn(admin, PASSWORD);
    expect(page.claims()).toMatchObject({ tId: 'acme', 'st-mfa': { v: false } });
    expect((await page.me()).body).toEqual(INVALID_CLAIM);
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email']);
    await passCode(stepgate, page, { email: admin });
    expect((await page.me()).body).toMatchObject({ tenantId: 'acme', roles: ['admin'], mfa: { satisfied: true } });
    expect((await page.refresh()).status).toBe(200);
    expect(page.claims()).toMatchObject({ tId: 'acme', 'st-mfa': { v: true } });
  });

  it('asks no admin of a tenant that does not, and nobody else of the one that does', async () => {
    const lax = stepgate.browser(mode, 'easy');
    await lax.signIn(admin, PASSWORD);
    expect((await lax.me()).status).toBe(200);
    const page = stepgate.browser(mode, 'acme');
    await page.signIn(clerk, PASSWORD);
    expect((await page.me()).status).toBe(200);
  });

  it('takes a role for one tenant only', async () => {
    const email = `elsewhere-${mode}@example.com`;
    const userId = await stepgate.user(email, { tenantId: 'acme' });
    await stepgate.browser().put(`/admin/users/${userId}/roles/easy/admin`);
    const page = stepgate.browser(mode, 'acme');
    await page.signIn(email, PASSWORD);
    expect(page.claims()['st-role'].v).toEqual([]);
    expect((await page.me()).status).toBe(200);
  });
});

describe.each<Mode>(['cookie', 'header'])('Example 2 over tenants: user list and tenant list (%s mode)', (mode) => {
  const email = `opted-${mode}@example.com`;

  beforeAll(async () => {
    await stepgate.tenant('acme', { requiredSecondaryFactors: ['otp-email'], mfaPolicy: OPTED_IN_OF_TENANTS });
    await stepgate.tenant('easy', { mfaPolicy: OPTED_IN_OF_TENANTS });
    for (const tenantId of ['acme', 'easy']) {
      const userId = await stepgate.user(email, { tenantId });
      await stepgate.browser().put(`/admin/users/${userId}/factors/otp-email`);
    }
  });

  it('asks whoever opted in, where the tenant asks for it', async () => {
    const page = stepgate.browser(mode, 'acme');
    await page.signIn(email, PASSWORD);
    expect((await page.me()).body).toEqual(INVALID_CLAIM);
    await passCode(stepgate, page, { email });
    expect((await page.me()).status).toBe(200);
  });

  it('asks nobody where the tenant does not', async () => {
    const page = stepgate.browser(mode, 'easy');
    await page.signIn(email, PASSWORD);
    expect((await page.me()).status).toBe(200);
  });

  it('asks nobody who did not opt in', async () => {
    const other = `not-opted-${mode}@example.com`;
    await stepgate.user(other, { tenantId: 'acme' });
    const page = stepgate.browser(mode, 'acme');
    await page.signIn(other, PASSWORD);
    expect((await page.me()).status).toBe(200);
  });
});

describe.each<Mode>(['cookie', 'header'])('one address in two tenants (%s mode)', (mode) => {
  const email = `same-${mode}@example.com`;

  it('is two accounts that do not know each other', async () => {
    await stepgate.tenant('acme', { requiredSecondaryFactors: ['otp-email'] });
    const here = stepgate.browser(mode);
    const there = stepgate.browser(mode, 'acme');
    const inPublic = await here.signUp(email, PASSWORD);
    const inAcme = await there.signUp(email, 'a different horse battery staple');
    expect(inPublic.body).toMatchObject({ status: 'OK', user: { tenantIds: ['public'] } });
    expect(inAcme.body).toMatchObject({ status: 'OK', user: { tenantIds: ['acme'] } });
    expect(inAcme.body.user.id).not.toBe(inPublic.body.user.id);

    expect((await here.me()).body).toMatchObject({ userId: inPublic.body.user.id, tenantId: 'public' });
    expect((await there.me()).body).toEqual(INVALID_CLAIM);
    await passCode(stepgate, there, { email });
    expect((await there.me()).body).toMatchObject({ userId: inAcme.body.user.id, tenantId: 'acme' });

    expect((await stepgate.browser(mode).signIn(email, 'a different horse battery staple')).body.status).toBe(
      'WRONG_CREDENTIALS_ERROR',
    );
    expect((await stepgate.browser(mode, 'acme').signIn(email, PASSWORD)).body.status).toBe('WRONG_CREDENTIALS_ERROR');
  });

  it('answers whether an address exists for each tenant on its own', async () => {
    const only = `only-acme-${mode}@example.com`;
    await stepgate.user(only, { tenantId: 'acme' });
    const page = stepgate.browser(mode);
    const exists = async (path: string) => (await page.get(`${path}/emailpassword/email/exists?email=${only}`)).body;
    expect(await exists('/auth/acme')).toEqual({ status: 'OK', exists: true });
    expect(await exists('/auth')).toEqual({ status: 'OK', exists: false });
  });

  it('sends a code by the session’s tenant on a path without one, and by no other', async () => {
    const owner = `path-${mode}@example.com`;
    await stepgate.user(owner, { tenantId: 'acme' });
    const page = stepgate.browser(mode, 'acme');
    await page.signIn(owner, PASSWORD);
    const body = { email: owner, shouldTryLinkingWithSessionUser: true };
    expect((await page.post('/auth/signinup/code', body)).body.status).toBe('OK');
    expect(await page.post('/auth/public/signinup/code', body)).toMatchObject({
      status: 401,
      body: { message: 'unauthorised' },
    });
  });
});
