import { describe, expect, it } from 'vitest';
import { auditPartitions } from '../../shared/dynamo/keys.ts';
import type { Mode } from '../support/browser.ts';
import { itemsUnder, storedSession } from '../support/otp.ts';
import { rememberMe, REMEMBERING } from '../support/remembered.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { passCode, signInWithCode } from './steps.ts';

const stepgate = useStepgate();
const DAY = 86_400_000;
const admins = { id: 'admins', when: "'admin' in user.roles || 'x@y.example' in user.emails", require: ['otp-email'] };

describe.each<Mode>(['cookie', 'header'])('what a policy decided is written down (%s mode)', (mode) => {
  let people = 0;
  const someone = async (roles: readonly string[] = []) => {
    const email = `person-${(people += 1)}-${mode}@example.com`;
    return { email, userId: await stepgate.user(email, { roles }), page: stepgate.browser(mode) };
  };
  const policy = (rules: readonly object[], more: object = {}) =>
    stepgate.tenant('public', { mfaPolicy: { rules }, ...more });
  const kept = async (userId: string) =>
    (await itemsUnder(stepgate, `AUDIT#${userId}#`))
      .filter(({ event }) => event === 'mfa.decision')
      .toSorted((a, b) => (String(a['sk']) < String(b['sk']) ? -1 : 1));
  const results = async (userId: string) => {
    const { body } = await stepgate.browser().get(`/admin/users/${userId}/decisions`);
    return (body.decisions as { occasion: string; result: string }[])
      .map(({ occasion, result }) => `${occasion}: ${result}`)
      .toReversed();
  };

  it('where it asks and where that was shown, masked, and expires', async () => {
    await policy([admins]);
    const { email, userId, page } = await someone(['admin']);
    await signInWithCode(stepgate, page, email);
    expect(await results(userId)).toEqual(['sign-in: challenged', 'factor: satisfied']);
    const items = await kept(userId);
    expect(JSON.stringify(items)).not.toContain(email);
    expect(JSON.stringify(items)).not.toContain('127.0.0.1');
    expect(items[0]!['details']).toMatchObject({
      matched: [{ ruleId: 'admins' }],
      used: { 'user.roles': ['admin'], 'user.emails': [`p•••@example.com`] },
    });
    const seconds = Math.floor(stepgate.clock.now() / 1000);
    expect(Number(items[0]!['ttl']) - seconds).toBeLessThanOrEqual(90 * 86_400);
    expect(Number(items[0]!['ttl']) - seconds).toBeGreaterThan(89 * 86_400);
    expect(new Set(items.map(({ details }) => (details as { session: string }).session)).size).toBe(1);
  });

  it('not where it asks nothing', async () => {
    await policy([admins]);
    const { email, userId, page } = await someone();
    await page.signIn(email, PASSWORD);
    await page.mfaInfo();
    await page.refresh();
    expect(await kept(userId)).toEqual([]);
  });

  it('where it waives: by a device, an exemption, a grace', async () => {
    await stepgate.tenant('public', REMEMBERING);
    const { email, userId, page } = await someone();
    await rememberMe(stepgate, page, email);
    await page.signIn(email, PASSWORD);
    expect((await results(userId)).at(-1)).toBe('sign-in: waived');
    await policy([{ id: 'all', require: ['otp-email'], graceDays: 2 }]);
    const fresh = await someone();
    await fresh.page.signIn(fresh.email, PASSWORD);
    expect(await results(fresh.userId)).toEqual(['sign-in: waived']);
    const { body } = await stepgate.browser().get(`/admin/users/${fresh.userId}/decisions`);
    expect(body.decisions[0]).toMatchObject({ waivers: [{ by: 'grace', until: expect.any(Number) }] });
    expect(body.decisions[0].sentence).toMatch(/^Let through at sign-in without being asked\. .* the time given/);
  });

  it('where a rule only observes', async () => {
    await policy([{ ...admins, mode: 'observe' }]);
    const { email, userId, page } = await someone(['admin']);
    await page.signIn(email, PASSWORD);
    expect((await page.me()).status).toBe(200);
    expect((await kept(userId)).map(({ details }) => details)).toMatchObject([{ observed: ['admins'], matched: [] }]);
  });

  it('at a refresh where the answer is another than the last time, each time once', async () => {
    await policy([admins]);
    const { email, userId, page } = await someone();
    await page.signIn(email, PASSWORD);
    const setAdmin = (on: boolean) => stepgate.app().userAdmin.setRole(userId, 'public', 'admin', on);
    await setAdmin(true);
    await page.refresh();
    await page.refresh();
    expect(await results(userId)).toEqual(['refresh: challenged']);
    expect((await storedSession(stepgate, page)).satisfied).toBe(false);
    await setAdmin(false);
    await page.refresh();
    await page.refresh();
    expect(await results(userId)).toEqual(['refresh: challenged', 'refresh: not-asked']);
  });

  it('where a page is told first, and not again at the refresh after it', async () => {
    await policy([admins]);
    const { email, userId, page } = await someone();
    await page.signIn(email, PASSWORD);
    await stepgate.app().userAdmin.setRole(userId, 'public', 'admin', true);
    await page.mfaInfo();
    await page.refresh();
    expect(await results(userId)).toEqual(['mfa-info: challenged']);
    await passCode(stepgate, page, { email });
    await page.refresh();
    expect(await results(userId)).toEqual(['mfa-info: challenged', 'factor: satisfied']);
  });

  it('is told newest first, page by page, of a span, and not once it is expired', async () => {
    await policy([admins]);
    const { email, userId, page } = await someone(['admin']);
    const begun = stepgate.clock.now();
    for (let i = 0; i < 3; i += 1) {
      await page.signIn(email, PASSWORD);
      stepgate.clock.advance(20 * DAY);
    }
    const at = (query = '') => stepgate.browser().get(`/admin/users/${userId}/decisions${query}`);
    const times = (body: { decisions: { at: number }[] }) => body.decisions.map((one) => one.at);
    const all = times((await at()).body);
    expect(all).toHaveLength(3);
    expect(all).toEqual(all.toSorted((a, b) => b - a));
    const first = (await at('?limit=2')).body;
    const second = (await at(`?limit=2&cursor=${first.cursor}`)).body;
    expect([...times(first), ...times(second)]).toEqual(all);
    expect(second.cursor).toBeUndefined();
    expect(times((await at(`?to=${begun + 10 * DAY}`)).body)).toEqual([all[2]]);
    expect(times((await at(`?from=${new Date(begun + 10 * DAY).toISOString()}`)).body)).toEqual(all.slice(0, 2));
    expect(times((await at('?tenantId=other')).body)).toEqual([]);
    stepgate.clock.advance(35 * DAY);
    expect(times((await at()).body)).toEqual(all.slice(0, 2));
    expect((await at(`?from=${begun + 2}&to=${begun + 1}`)).status).toBe(400);
    expect((await at('?from=yesterday')).status).toBe(400);
    expect((await at('?cursor=x')).status).toBe(400);
    expect((await stepgate.browser().get('/admin/users/nobody/decisions')).status).toBe(404);
  });

  it('is explained for today as a sign-in then does', async () => {
    await policy([admins, { id: 'later', require: ['totp'], from: '2999-01-01' }]);
    const { email, userId, page } = await someone(['admin']);
    const { status, body } = await stepgate.browser().get(`/admin/users/${userId}/explain?tenantId=public`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'OK',
      required: ['otp-email'],
      next: ['otp-email'],
      because: [
        { ruleId: 'admins', matched: true, reason: 'condition', facts: { 'user.roles': ['admin'] } },
        { ruleId: 'later', matched: false, reason: 'from' },
      ],
      waivers: [],
      policyVersion: null,
      sentence: expect.stringMatching(
        /^Asked for a code by e-mail at sign-in, because rule admins matched: user\.roles contains admin/,
      ),
    });
    expect(JSON.stringify(body)).not.toContain(email);
    await page.signIn(email, PASSWORD);
    expect((await page.mfaInfo()).body.factors.next).toEqual(body.next);
    expect(await kept(userId)).toHaveLength(1);
    expect((await stepgate.browser().get(`/admin/users/${userId}/explain?tenantId=none`)).status).toBe(404);
    expect((await stepgate.browser().get('/admin/users/nobody/explain')).status).toBe(404);
  });
});

it('the months of a span, newest first', () => {
  const months = (from: string, to: string) =>
    auditPartitions('u', Date.parse(from), Date.parse(to)).map((pk) => pk.slice('AUDIT#u#'.length));
  expect(months('2026-01-31T23:00:00Z', '2026-03-01T00:00:00Z')).toEqual(['2026-03', '2026-02', '2026-01']);
  expect(months('2026-03-01T00:00:00Z', '2026-03-31T23:59:59.999Z')).toEqual(['2026-03']);
  expect(months('2025-12-31T23:59:59.999Z', '2026-01-01T00:00:00Z')).toEqual(['2026-01', '2025-12']);
});
