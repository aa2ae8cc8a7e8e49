/** A person who belongs to two tenants goes from one to the other, and is asked for what is missing there alone. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { itemsUnder, storedSession } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { INVALID_CLAIM, passCode } from './steps.ts';

const stepgate = useStepgate();
const MINUTE = 60_000;
const operator = () => stepgate.browser();

beforeAll(async () => {
  await stepgate.tenant('shop', { name: 'Shop', contactMethod: 'EMAIL', mfaPolicy: { rules: [] } });
  const mfaPolicy = { rules: [{ id: 'all', require: ['otp-email'] }] };
  await stepgate.tenant('bank', { name: 'Bank', contactMethod: 'EMAIL', mfaPolicy });
  await stepgate.tenant('codes-only', { contactMethod: 'EMAIL', firstFactors: ['otp-email'] });
});

async function inBoth(email: string, also: readonly string[] = ['bank']): Promise<string> {
  const userId = await stepgate.user(email, { tenantId: 'shop' });
  for (const tenantId of also) {
    const { status } = await operator().put(`/admin/users/${userId}/tenants/${tenantId}`);
    if (status !== 200) throw new Error(`${email} could not join ${tenantId}`);
  }
  return userId;
}

describe.each<Mode>(['cookie', 'header'])('from tenant to tenant (%s mode)', (mode) => {
  const signedIn = async (email: string, tenantId = 'shop') => {
    const page = stepgate.browser(mode, tenantId);
    expect((await page.signIn(email, PASSWORD)).body.status).toBe('OK');
    const go = (to: string) => page.post('/auth/session/tenant', { tenantId: to });
    return { page, go, bank: stepgate.browser(mode, 'bank') };
  };

  it('asks for the code of the bank alone, and for nothing on the way back and there again', async () => {
    const email = `both-${mode}@example.com`;
    const userId = await inBoth(email);
    await operator().put(`/admin/users/${userId}/roles/bank/teller`);
    const { page, go } = await signedIn(email);
    expect((await page.get('/auth/tenants')).body).toEqual({
      status: 'OK',
      tenants: [
        { tenantId: 'shop', name: 'Shop', current: true },
        { tenantId: 'bank', name: 'Bank', current: false },
      ],
    });
    expect(page.claims()['st-role'].v).toEqual([]);

    expect((await go('bank')).body).toEqual({ status: 'OK', tenantId: 'bank' });
    expect(page.claims()).toMatchObject({ tId: 'bank', 'st-mfa': { v: false }, 'st-role': { v: ['teller'] } });
    expect((await page.me()).body).toEqual(INVALID_CLAIM);
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email']);
    const sent = await page.post('/auth/signinup/code', { email, shouldTryLinkingWithSessionUser: true });
    const code = { ...sent.body, userInputCode: stepgate.lastCode(email), shouldTryLinkingWithSessionUser: true };
    expect((await page.post('/auth/signinup/code/consume', code)).body.status).toBe('OK');
    expect((await page.me()).body).toMatchObject({ userId, tenantId: 'bank', roles: ['teller'] });
    const { c: completed } = page.claims()['st-mfa'];

    for (const tenantId of ['shop', 'bank']) {
      expect((await go(tenantId)).body.status).toBe('OK');
      expect(page.claims()).toMatchObject({ tId: tenantId, 'st-mfa': { c: completed, v: true } });
      expect((await page.refresh()).status).toBe(200);
      expect((await page.me()).body.tenantId).toBe(tenantId);
    }
    expect((await page.get('/auth/sessions')).body.sessions).toHaveLength(1);
  });

  it('makes nothing fresh: times stay, and so does the end of the session', async () => {
    const email = `stale-${mode}@example.com`;
    await inBoth(email);
    const { page, go } = await signedIn(email, 'bank');
    await passCode(stepgate, page, { email });
    const { c: completed } = page.claims()['st-mfa'];
    const before = await storedSession(stepgate, page);
    stepgate.clock.advance(6 * MINUTE);
    await go('shop');
    await go('bank');
    expect(page.claims()['st-mfa']).toEqual({ c: completed, v: true });
    expect((await storedSession(stepgate, page)).absoluteExpiresAt).toBeLessThanOrEqual(before.absoluteExpiresAt);
    const refused = await page.post('/auth/account/email', { email: `other-${mode}@example.com` });
    expect([refused.status, refused.body.claimValidationErrors[0].id]).toEqual([403, 'st-mfa']);
  });

  it('takes no time away from who looks into a tenant, does not do what it asks, and comes back', async () => {
    const email = `looking-${mode}@example.com`;
    await inBoth(email);
    const { page, go } = await signedIn(email);
    const ends = async () => (await storedSession(stepgate, page)).absoluteExpiresAt;
    const full = await ends();
    await go('bank');
    expect(await ends()).toBeLessThanOrEqual(stepgate.clock.now() + 30 * MINUTE);
    await go('shop');
    expect(full - (await ends())).toBeLessThan(1_000);
    expect(full - (await ends())).toBeGreaterThanOrEqual(0);
  });

  it('takes a session along that owes something, with what it has and no more time than it had', async () => {
    const email = `pending-${mode}@example.com`;
    await stepgate.tenant('vault', { mfaPolicy: { rules: [{ id: 'all', require: ['otp-email'] }] } });
    await inBoth(email, ['bank', 'vault']);
    const { page, go } = await signedIn(email, 'bank');
    const { absoluteExpiresAt } = await storedSession(stepgate, page);
    stepgate.clock.advance(5 * MINUTE);
    await go('vault');
    expect(page.claims()).toMatchObject({
      tId: 'vault',
      'st-mfa': { c: { emailpassword: expect.any(Number) }, v: false },
    });
    expect((await storedSession(stepgate, page)).absoluteExpiresAt).toBe(absoluteExpiresAt);
    await go('shop');
    expect((await page.me()).body).toMatchObject({ tenantId: 'shop', mfa: { satisfied: true } });
  });

  it('answers a tenant that is not there as one that is somebody else’s, and goes on', async () => {
    const email = `stranger-${mode}@example.com`;
    await inBoth(email, []);
    const { page, go } = await signedIn(email);
    const refused = { status: 'TENANT_SWITCH_NOT_ALLOWED', reason: 'The user is not a member of this tenant' };
    for (const tenantId of ['bank', 'nowhere', 'NO#id', '']) expect((await go(tenantId)).body).toEqual(refused);
    expect((await page.refresh()).status).toBe(200);
    expect(page.claims().tId).toBe('shop');
  });

  it('sends who came by a password to sign in where passwords are no way in', async () => {
    const email = `no-way-${mode}@example.com`;
    await inBoth(email, ['codes-only']);
    const { page, go } = await signedIn(email);
    expect((await go('codes-only')).body.status).toBe('TENANT_SWITCH_NOT_ALLOWED');
    expect((await page.me()).body.tenantId).toBe('shop');
  });

  it('says yes to the tenant one is in, and changes nothing', async () => {
    const email = `same-${mode}@example.com`;
    await inBoth(email);
    const { page, go } = await signedIn(email);
    const { sessionHandle } = page.claims();
    const answer = await go('shop');
    expect([answer.body, answer.setCookies]).toEqual([{ status: 'OK', tenantId: 'shop' }, []]);
    expect(page.claims().sessionHandle).toBe(sessionHandle);
  });

  it('lets one of ten switches at once through, and ends the session they came from', async () => {
    const email = `ten-${mode}@example.com`;
    const userId = await inBoth(email);
    const { page } = await signedIn(email);
    const { sessionHandle } = page.claims();
    const tabs = Array.from({ length: 10 }, () => {
      const tab = stepgate.browser(mode, 'shop');
      tab.present(page.tokens());
      return tab;
    });
    const answers = await Promise.all(tabs.map((tab) => tab.post('/auth/session/tenant', { tenantId: 'bank' })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 9 }, () => 401)]);
    for (const { status, body, setCookies } of answers) {
      if (status === 401) expect([body, setCookies]).toEqual([{ message: 'try refresh token' }, []]);
    }
    const living = (await stepgate.app().sessions.list(userId)).filter(({ revokedAt }) => revokedAt === undefined);
    expect(living).toMatchObject([{ tenantId: 'bank' }]);
    expect(living[0]?.handle).not.toBe(sessionHandle);
    expect(
      (await itemsUnder(stepgate, `AUDIT#${userId}#`)).filter(
        ({ event }) => event !== 'admin.tenant-joined' && event !== 'mfa.decision',
      ),
    ).toMatchObject([{ event: 'session.tenant-switched', tenantId: 'bank', details: { from: 'shop' } }]);
    expect((await page.refresh()).status).toBe(401);
  });

  it('leaves one living session when a refresh and a switch meet, whoever is first', async () => {
    const email = `meet-${mode}@example.com`;
    const userId = await inBoth(email);
    for (let round = 0; round < 6; round += 1) {
      const { page, go } = await signedIn(email);
      const tab = stepgate.browser(mode, 'shop');
      tab.present(page.tokens());
      const [switched, refreshed] = await Promise.all([go('bank'), tab.refresh()]);
      expect([switched.status, refreshed.status].toSorted()).toEqual([200, 401]);
      const winner = switched.status === 200 ? page : tab;
      const living = (await stepgate.app().sessions.list(userId)).filter(({ revokedAt }) => revokedAt === undefined);
      expect(living.map(({ handle }) => handle)).toEqual([winner.claims().sessionHandle]);
      await winner.signOut();
    }
    expect(stepgate.logged.filter(({ event }) => event === 'session.theft')).toEqual([]);
  });

  it('does nothing for an access token from before the last refresh', async () => {
    const email = `old-token-${mode}@example.com`;
    await inBoth(email);
    const { page, go } = await signedIn(email);
    const old = page.tokens();
    await page.refresh();
    const thief = stepgate.browser(mode, 'shop');
    thief.present({ access: old.access });
    const refused = await thief.post('/auth/session/tenant', { tenantId: 'bank' });
    expect([refused.status, refused.body]).toEqual([401, { message: 'try refresh token' }]);
    expect((await go('bank')).body.status).toBe('OK');
  });

  it('does not take the trust of a device along', async () => {
    const email = `trusting-${mode}@example.com`;
    const mfaPolicy = { rules: [{ id: 'all', require: ['otp-email'] }] };
    for (const tenantId of ['home', 'office']) {
      await stepgate.tenant(tenantId, { contactMethod: 'EMAIL', mfaPolicy, rememberDevice: { days: 7 } });
    }
    await inBoth(email, ['home', 'office']);
    const { page } = await signedIn(email, 'home');
    const sent = await page.sendCode({ email });
    await page.consume(sent.body, stepgate.lastCode(email), { rememberDevice: true });
    await page.signOut();
    await page.signIn(email, PASSWORD);
    expect(page.claims()['st-mfa'].v).toBe(true);
    await page.post('/auth/session/tenant', { tenantId: 'office' });
    expect(page.claims()).toMatchObject({ tId: 'office', 'st-mfa': { v: false } });
    expect(page.claims()['st-device']).toBeUndefined();
  });
});
