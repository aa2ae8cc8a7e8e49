import { beforeEach, describe, expect, it } from 'vitest';
import { epochOf, isAhead, isOutdated, type PolicyEpoch } from '../../shared/session/policy-epoch.ts';
import type { Answer, Browser, Mode } from '../support/browser.ts';
import { useContainers } from '../support/containers.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { INVALID_CLAIM, passCode } from './steps.ts';

/** How long a container goes on with a tenant: what stands in docs/policy.md. */
const BOUND_MS = 5_000;
const stepgate = useStepgate({ config: { TENANT_CACHE_SECONDS: '5' } });
const REFRESH = { message: 'try refresh token' };
const everybody = { rules: [{ id: 'all', require: ['otp-email'] }] };
const nobody = { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] }] };

let tenants = 0;
let tenantId = '';
beforeEach(() => {
  tenantId = `tenant${(tenants += 1)}`;
});

const save = async (mfaPolicy: object) => {
  const path = `/admin/tenants/${tenantId}/policy`;
  const { body } = await stepgate.browser().put(path, { mfaPolicy, reason: 'a test' });
  expect(body).toMatchObject({ status: 'OK' });
};

/** As the SDKs do: a 401 that says so is refreshed and the request repeated. Counts how often. */
async function asSdk(page: Browser, call: () => Promise<Answer>): Promise<{ answer: Answer; refreshes: number }> {
  for (let refreshes = 0; ; refreshes += 1) {
    const answer = await call();
    if (answer.status !== 401 || refreshes === 10) return { answer, refreshes };
    expect((await page.refresh()).status).toBe(200);
  }
}

describe.each<Mode>(['cookie', 'header'])('a policy that is to reach sessions at once (%s mode)', (mode) => {
  let users = 0;
  const signedIn = async () => {
    const email = `user-${(users += 1)}@${tenantId}.example`;
    await stepgate.user(email, { tenantId });
    const page = stepgate.browser(mode, tenantId);
    await page.signIn(email, PASSWORD);
    expect((await page.me()).status).toBe(200);
    return { email, page };
  };
  const settle = () => stepgate.clock.advance(BOUND_MS);
  const once = async (page: Browser) => {
    const { answer, refreshes } = await asSdk(page, () => page.me());
    return { status: answer.status, refreshes };
  };

  it('sends a session to its refresh at its next call, leads it to the challenge, and signs nobody out', async () => {
    await stepgate.tenant(tenantId, {});
    await save(nobody);
    const { email, page } = await signedIn();
    const before = page.claims();
    await save({ ...everybody, immediate: true });
    settle();
    expect(await page.me()).toMatchObject({ status: 401, body: REFRESH });
    const { answer, refreshes } = await asSdk(page, () => page.me());
    expect(refreshes).toBe(1);
    expect(answer).toMatchObject({ status: 403, body: INVALID_CLAIM });
    expect(page.claims()).toMatchObject({ sessionHandle: before.sessionHandle, 'st-mfa': { v: false } });
    expect(page.claims().pe).not.toBe(before.pe);
    await passCode(stepgate, page, { email });
    expect((await page.me()).status).toBe(200);
    expect(page.claims().sessionHandle).toBe(before.sessionHandle);
  });

  it('never sends it twice in a row, whatever is saved meanwhile', async () => {
    await stepgate.tenant(tenantId, {});
    await save({ ...nobody, immediate: true });
    const { page } = await signedIn();
    for (let second = 0; second < 60; second += 1) {
      if (second % 7 === 0) await save({ rules: [{ ...nobody.rules[0], id: `admins-${second}` }], immediate: true });
      stepgate.clock.advance(1_000);
      const { status, refreshes } = await once(page);
      expect(status).toBe(200);
      expect(refreshes).toBeLessThanOrEqual(1);
    }
    const { body } = await page.get(`/auth/${tenantId}/mfa/policy-epoch`);
    settle();
    await once(page);
    expect(page.claims().pe).toBe(body.pe);
  });

  it('lets a session sign out, and ask what it owes', async () => {
    await stepgate.tenant(tenantId, {});
    const [one, other] = [await signedIn(), await signedIn()];
    await save({ ...everybody, immediate: true });
    settle();
    expect((await one.page.me()).status).toBe(401);
    expect((await one.page.signOut()).body).toEqual({ status: 'OK' });
    expect((await other.page.mfaInfo()).body.factors.next).toEqual(['otp-email']);
    // The token that came with it is of today's policy.
    expect((await other.page.me()).status).toBe(403);
  });

  it('reaches a session that was to do more, in the other direction', async () => {
    await stepgate.tenant(tenantId, {});
    await save(everybody);
    const page = stepgate.browser(mode, tenantId);
    const email = `owing@${tenantId}.example`;
    await stepgate.user(email, { tenantId });
    await page.signIn(email, PASSWORD);
    expect((await page.me()).status).toBe(403);
    await save({ ...nobody, immediate: true });
    settle();
    expect(await once(page)).toEqual({ status: 200, refreshes: 1 });
  });

  it('waits for the next refresh where it is not to be at once, in both directions', async () => {
    await stepgate.tenant(tenantId, {});
    await save(nobody);
    const { page } = await signedIn();
    await save(everybody);
    settle();
    expect((await page.me()).status).toBe(200);
    await page.refresh();
    expect((await page.me()).status).toBe(403);
    await save({ rules: [] });
    settle();
    await page.refresh();
    expect((await page.me()).status).toBe(200);
  });

  it('reaches sessions as well where it was written by hand', async () => {
    await stepgate.tenant(tenantId, {});
    const { page } = await signedIn();
    await stepgate.tenant(tenantId, { mfaPolicy: { ...everybody, immediate: true } });
    settle();
    expect(await once(page)).toEqual({ status: 403, refreshes: 1 });
  });

  it('takes the rest of the tenant along: its lists as well as its policy, and not how it looks', async () => {
    const mfaPolicy = { rules: [{ id: 'tenant', requireFrom: 'tenant' }], immediate: true };
    await stepgate.tenant(tenantId, { mfaPolicy });
    const { page } = await signedIn();
    await stepgate.tenant(tenantId, { mfaPolicy, name: 'Acme', branding: { color: '#0b6b53' }, otpDigits: 8 });
    settle();
    expect(await once(page)).toEqual({ status: 200, refreshes: 0 });
    await stepgate.tenant(tenantId, { mfaPolicy, name: 'Acme', requiredSecondaryFactors: ['otp-email'] });
    settle();
    expect(await once(page)).toEqual({ status: 403, refreshes: 1 });
  });

  it('reaches them on the day a rule begins, though nobody changes anything then', async () => {
    const from = new Date(stepgate.clock.now() + 60_000).toISOString();
    await stepgate.tenant(tenantId, { mfaPolicy: { rules: [{ ...everybody.rules[0], from }], immediate: true } });
    const { page } = await signedIn();
    stepgate.clock.advance(50_000);
    expect(await once(page)).toEqual({ status: 200, refreshes: 0 });
    stepgate.clock.advance(10_000 + BOUND_MS);
    expect(await once(page)).toEqual({ status: 403, refreshes: 1 });
    stepgate.clock.advance(60_000);
    expect(await once(page)).toEqual({ status: 403, refreshes: 0 });
  });
});

describe('containers that have read the tenant at different times', () => {
  const some = useContainers(stepgate, 3);
  const [CHECKS, REFRESHES, REFRESHES_TOO] = [0, 1, 2];

  it('send a session to one refresh, though the one that refreshes has the old policy still', async () => {
    await stepgate.tenant(tenantId, { mfaPolicy: nobody });
    await stepgate.user('two@example.com', { tenantId });
    const { at, page } = some.page('header', tenantId);
    await at(REFRESHES).signIn('two@example.com', PASSWORD);
    await stepgate.tenant(tenantId, { mfaPolicy: { ...everybody, immediate: true } });
    stepgate.clock.advance(1_000);
    // Read for the first time, and so after the change; the other one has its copy from before.
    expect((await at(CHECKS).me()).status).toBe(401);
    expect((await at(REFRESHES).refresh()).status).toBe(200);
    expect(page.claims()['st-mfa'].v).toBe(false);
    expect((await at(CHECKS).me()).status).toBe(403);
  });

  it('send both tabs of a session to one refresh each, though the second is answered from the first', async () => {
    await stepgate.tenant(tenantId, { mfaPolicy: nobody });
    await stepgate.user('tabs@example.com', { tenantId });
    const [one, other] = [some.page('header', tenantId), some.page('header', tenantId)];
    for (const container of [REFRESHES, REFRESHES_TOO]) {
      await one.at(container).get(`/auth/${tenantId}/loginmethods`);
    }
    await one.at(REFRESHES).signIn('tabs@example.com', PASSWORD);
    other.page.present(one.page.tokens());
    await stepgate.tenant(tenantId, { mfaPolicy: { ...everybody, immediate: true } });
    stepgate.clock.advance(1_000);
    for (const { at } of [one, other]) expect((await at(CHECKS).me()).status).toBe(401);
    expect((await one.at(REFRESHES).refresh()).status).toBe(200);
    expect((await other.at(REFRESHES_TOO).refresh()).status).toBe(200);
    for (const { at } of [one, other]) expect((await at(CHECKS).me()).status).toBe(403);
  });

  it('never judge a session by what they read before its token was decided', async () => {
    await stepgate.tenant(tenantId, { mfaPolicy: { ...nobody, immediate: true } });
    await stepgate.user('ahead@example.com', { tenantId });
    const { at, page } = some.page('header', tenantId);
    await at(CHECKS).signIn('ahead@example.com', PASSWORD);
    await stepgate.tenant(tenantId, { mfaPolicy: { ...everybody, immediate: true } });
    stepgate.clock.advance(1_000);
    await at(REFRESHES).refresh();
    expect(page.claims()['st-mfa'].v).toBe(false);
    const { pe } = page.claims();
    expect((await at(CHECKS).mfaInfo()).body.factors.next).toEqual(['otp-email']);
    expect((await at(CHECKS).me()).status).toBe(403);
    expect(page.claims().pe).toBe(pe);
  });
});

describe('GET mfa/policy-epoch', () => {
  it('tells the epoch by its name, and nothing of what it says', async () => {
    await stepgate.tenant(tenantId, {});
    await save({ ...everybody, immediate: true });
    const answer = await stepgate.browser().get(`/auth/${tenantId}/mfa/policy-epoch`);
    expect(answer.body).toEqual({
      status: 'OK',
      pe: expect.stringMatching(/^[0-9a-f]{16}$/),
      immediate: true,
      readAt: expect.any(Number),
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect((await stepgate.browser().get('/auth/nobody/mfa/policy-epoch')).status).toBe(404);
    expect((await stepgate.browser().get('/auth/mfa/policy-epoch')).body).toMatchObject({ immediate: false });
  });

  it('is a second old at most, and one reading for all who ask within it', async () => {
    await stepgate.tenant(tenantId, { mfaPolicy: nobody });
    const ask = async () => (await stepgate.browser().get(`/auth/${tenantId}/mfa/policy-epoch`)).body;
    const first = await ask();
    await stepgate.tenant(tenantId, { mfaPolicy: everybody });
    stepgate.clock.advance(1_100);
    const second = await ask();
    expect(second.pe).not.toBe(first.pe);
    expect(second.readAt).toBeGreaterThanOrEqual(first.readAt + 1_000);
  });
});

describe('a token against an epoch', () => {
  const epoch: PolicyEpoch = { pe: 'new', immediate: true, readAt: 1_000 };
  it.each<[string, { pe?: string; pt?: number }, Partial<PolicyEpoch>, { outdated: boolean; ahead: boolean }]>([
    ['an earlier reading', { pe: 'old', pt: 999 }, {}, { outdated: true, ahead: false }],
    ['this epoch, read earlier', { pe: 'new', pt: 1 }, {}, { outdated: false, ahead: false }],
    ['this epoch, read later', { pe: 'new', pt: 2_000 }, {}, { outdated: false, ahead: false }],
    ['an epoch that waits', { pe: 'old', pt: 999 }, { immediate: false }, { outdated: false, ahead: false }],
    ['the same moment', { pe: 'old', pt: 1_000 }, {}, { outdated: false, ahead: false }],
    ['a later reading', { pe: 'newer', pt: 1_001 }, {}, { outdated: false, ahead: true }],
    ['from before there were epochs', {}, {}, { outdated: true, ahead: false }],
    ['from before there were times', { pe: 'old' }, {}, { outdated: true, ahead: false }],
  ])('of %s', (_, token, about, expected) => {
    const compared = { ...epoch, ...about };
    expect({ outdated: isOutdated(token, compared), ahead: isAhead(token, compared) }).toEqual(expected);
  });

  it('is another one for each rule whose day has come', async () => {
    const from = (at: number) => new Date(at).toISOString();
    const rules = [60_000, 120_000].map((at, i) => ({ id: `r${i}`, require: ['totp'], from: from(at) }));
    await stepgate.tenant(tenantId, { mfaPolicy: { rules } });
    const tenant = (await stepgate.app().tenants.get(tenantId))!;
    const names = [0, 59_999, 60_000, 119_999, 120_000, 999_999].map((now) => epochOf(tenant, now).pe);
    expect(names.map((name) => name.slice(16))).toEqual(['', '', '.1', '.1', '.2', '.2']);
    expect(new Set(names.map((name) => name.slice(0, 16))).size).toBe(1);
  });
});
