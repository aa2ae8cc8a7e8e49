// A role or a rule that comes while somebody is signed in must not wait for the next sign-in.
// @see ASVS V8.3.2

import { beforeAll, describe, expect, it } from 'vitest';
import { proveEmail } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate({ config: { TENANT_CACHE_SECONDS: '60' } });
const ADMINS = { mfaPolicy: { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] }] } };
const EVERYBODY = { mfaPolicy: { rules: [{ id: 'all', require: ['otp-email'] }] } };
/** Longer than a tenant's item is kept by the function that read it. */
const CACHED_MS = 61_000;
const ACCESS_TOKEN_MS = 900_000;

beforeAll(() => stepgate.tenant('public', ADMINS));

describe.each(['cookie', 'header'] as const)('SEC-33: a live session (%s mode)', (mode) => {
  const plain = async (name: string) => {
    const email = `${name}-${mode}@example.com`;
    const userId = await stepgate.user(email);
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    expect((await page.me()).status).toBe(200);
    return { email, userId, page };
  };
  const promote = (userId: string) => stepgate.app().userAdmin.setRole(userId, 'public', 'admin', true);

  it('owes the factor of a new role at once where it asks, and is let in by the code', async () => {
    const { email, userId, page } = await plain('asks');
    await promote(userId);
    expect((await page.mfaInfo()).body.factors).toMatchObject({ next: ['otp-email'] });
    expect(page.claims()['st-mfa'].v).toBe(false);
    expect((await page.me()).status).toBe(403);
    await proveEmail(stepgate, page, email);
    expect((await page.me()).status).toBe(200);
  });

  it('owes it from the next refresh on where it does not ask', async () => {
    const { userId, page } = await plain('refreshes');
    await promote(userId);
    expect((await page.refresh()).status).toBe(200);
    expect(page.claims()['st-mfa'].v).toBe(false);
    expect((await page.me()).status).toBe(403);
  });

  it('goes on for no longer than its access token lives', async () => {
    const { userId, page } = await plain('waits');
    await promote(userId);
    expect((await page.me()).status).toBe(200);
    stepgate.clock.advance(ACCESS_TOKEN_MS);
    expect((await page.me()).status).toBe(401);
    await page.refresh();
    expect((await page.me()).status).toBe(403);
  });

  it('meets a policy that was tightened, once the tenant is read again', async () => {
    const { page } = await plain('tightened');
    await stepgate.tenant('public', EVERYBODY);
    stepgate.clock.advance(CACHED_MS);
    expect((await page.mfaInfo()).body.factors).toMatchObject({ next: ['otp-email'] });
    expect((await page.me()).status).toBe(403);
    await stepgate.tenant('public', ADMINS);
    stepgate.clock.advance(CACHED_MS);
  });

  it('may not change its factors or sessions on the strength of the old token', async () => {
    const { userId, page } = await plain('changes');
    await promote(userId);
    expect((await page.put('/auth/mfa/factors/otp-email')).status).toBe(403);
  });
});
