import { beforeEach, describe, expect, it } from 'vitest';
import { epochOf, isOutdated, type PolicyEpoch } from '../../shared/session/policy-epoch.ts';
import type { Answer, Browser, Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { INVALID_CLAIM, passCode } from './steps.ts';

const CACHE_SECONDS = 60;
const stepgate = useStepgate({ config: { TENANT_CACHE_SECONDS: String(CACHE_SECONDS) } });
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
  const settle = () => stepgate.clock.advance((CACHE_SECONDS + 1) * 1000);

  it('sends a session to its refresh at its next call, and signs nobody out', async () => {
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
  });

  it('never sends it twice in a row, also while parts of the service have not read it', async () => {
    await stepgate.tenant(tenantId, {});
    await save({ ...nobody, immediate: true });
    const { page } = await signedIn();
    // The service keeps the tenant as it is now for a minute, whatever is saved.
    await save({ ...nobody, merge: 'any', immediate: true });
    for (let second = 0; second < 3 * CACHE_SECONDS; second += 5) {
      stepgate.clock.advance(5_000);
      const { answer, refreshes } = await asSdk(page, () => page.me());
      expect(answer.status).toBe(200);
      expect(refreshes).toBeLessThanOrEqual(1);
    }
    const { body } = await page.get(`/auth/${tenantId}/mfa/policy-epoch`);
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
    await page.refresh();
    expect((await page.me()).status).toBe(200);
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
    const { answer, refreshes } = await asSdk(page, () => page.me());
    expect({ status: answer.status, refreshes }).toEqual({ status: 403, refreshes: 1 });
  });
});

describe('GET mfa/policy-epoch', () => {
  it('tells the policy by its hash, and nothing of what it says', async () => {
    await stepgate.tenant(tenantId, {});
    await save({ ...everybody, immediate: true });
    const answer = await stepgate.browser().get(`/auth/${tenantId}/mfa/policy-epoch`);
    expect(answer.body).toEqual({
      status: 'OK',
      pe: expect.stringMatching(/^[0-9a-f]{16}$/),
      immediate: true,
      activeFor: expect.any(Number),
      settlesAfter: CACHE_SECONDS,
    });
    expect(answer.headers.get('cache-control')).toBe('public, max-age=5');
    expect((await stepgate.browser().get('/auth/nobody/mfa/policy-epoch')).status).toBe(404);
    expect((await stepgate.browser().get('/auth/mfa/policy-epoch')).body).toMatchObject({ immediate: false });
  });
});

describe('isOutdated', () => {
  const NOW = 1_000_000_000;
  const epoch: PolicyEpoch = { pe: 'new', immediate: true, activeFor: 61, settlesAfter: 60 };
  it.each<[string, { pe?: string; age?: number }, Partial<PolicyEpoch>, boolean]>([
    ['another policy', {}, {}, true],
    ['this policy', { pe: 'new' }, {}, false],
    ['a policy that waits', {}, { immediate: false }, false],
    ['one that is not everywhere yet', {}, { activeFor: 59 }, false],
    ['one that is, just', {}, { activeFor: 60 }, true],
    ['one of which nobody knows since when', {}, { activeFor: null }, true],
    ['a token as young as a stale answer', { age: 60 }, {}, false],
    ['a token older than that', { age: 61 }, {}, true],
  ])('%s', (_, { pe = 'old', age = 300 }, about, outdated) => {
    expect(isOutdated({ pe, iat: NOW / 1000 - age }, { ...epoch, ...about }, NOW)).toBe(outdated);
  });
  it('counts a token from before there were policy epochs as one of another policy', () => {
    expect(isOutdated({ iat: 0 }, epoch, NOW)).toBe(true);
  });
  it('never tells a time below zero, whatever clock the policy was saved by', () => {
    const policy = { rules: [], merge: 'all', immediate: true } as const;
    const about = { policy, policyHash: 'x', policyActivatedAt: NOW + 9_000 };
    expect(epochOf(about, { now: NOW, cacheSeconds: 60 }).activeFor).toBe(0);
  });
});
