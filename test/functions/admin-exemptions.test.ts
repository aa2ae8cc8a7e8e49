/** An operator spares one user what a tenant's policy asks, until a day, with a reason. */
import { beforeEach, describe, expect, it } from 'vitest';
import { auditOf } from '../support/links.ts';
import { itemsUnder } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const DAY = 86_400_000;
const rule = { id: 'all', require: ['otp-email'] };

let users = 0;
let email = '';
let userId = '';

beforeEach(async () => {
  email = `user-${(users += 1)}@example.com`;
  userId = await stepgate.user(email);
  await stepgate.tenant('public', { mfaPolicy: { rules: [rule] } });
});

const at = (id = userId, tenantId = 'public') => `/admin/users/${id}/exemptions/${tenantId}`;
const put = (body: object, path = at()) => stepgate.browser().put(path, body);
const end = (path = at()) => stepgate.browser().delete(path);
const inDays = (days: number): number => stepgate.clock.now() + days * DAY;
const isAsked = async (): Promise<boolean> => {
  const page = stepgate.browser();
  await page.signIn(email, PASSWORD);
  return (await page.me()).status === 403;
};

describe('PUT /admin/users/{userId}/exemptions/{tenantId}', () => {
  it('spares the user until its end, and no longer', async () => {
    expect(await isAsked()).toBe(true);
    const until = inDays(10);
    const { body } = await put({ until, reason: '  phone lost on a journey ' });
    expect(body).toMatchObject({
      status: 'OK',
      user: { id: userId, exemptions: { public: { until, reason: 'phone lost on a journey', by: 'local' } } },
    });
    expect(await isAsked()).toBe(false);
    stepgate.clock.advance(10 * DAY);
    expect(await isAsked()).toBe(true);
  });

  it('reaches a session that lives at its next refresh, in both directions', async () => {
    const page = stepgate.browser();
    await page.signIn(email, PASSWORD);
    await put({ until: inDays(1), reason: 'x' });
    await page.refresh();
    expect((await page.me()).status).toBe(200);
    await end();
    await page.refresh();
    expect((await page.me()).status).toBe(403);
  });

  it.each([
    ['a date', (time: string) => time.slice(0, 10)],
    ['a time', (time: string) => time],
  ])('takes %s', async (_, written) => {
    const until = written(new Date(inDays(40)).toISOString());
    const { body } = await put({ until, reason: 'x' });
    expect(body.user.exemptions.public.until).toBe(Date.parse(until));
  });

  it('takes the place of the one that stands', async () => {
    await put({ until: inDays(9), reason: 'first' });
    const until = inDays(2);
    expect((await put({ until, reason: 'second' })).body.user.exemptions.public).toMatchObject({
      until,
      reason: 'second',
    });
  });

  it.each<[string, () => object]>([
    ['an end that is past', () => ({ until: inDays(-1), reason: 'x' })],
    ['an end that is now', () => ({ until: stepgate.clock.now() - 1, reason: 'x' })],
    ['seconds taken for milliseconds', () => ({ until: Math.floor(inDays(9) / 1000), reason: 'x' })],
    ['more than 366 days', () => ({ until: inDays(367), reason: 'x' })],
    ['a day there is not', () => ({ until: '2027-02-30', reason: 'x' })],
    ['a time of nowhere', () => ({ until: '2027-02-01T10:00:00', reason: 'x' })],
    ['no end', () => ({ reason: 'x' })],
    ['no reason', () => ({ until: inDays(1) })],
    ['an empty reason', () => ({ until: inDays(1), reason: '  ' })],
    ['a reason of a thousand characters', () => ({ until: inDays(1), reason: 'x'.repeat(1_000) })],
    ['a name of one’s own choice', () => ({ until: inDays(1), reason: 'x', by: 'somebody else' })],
  ])('refuses %s', async (_, body) => {
    expect((await put(body())).status).toBe(400);
    expect((await stepgate.app().users.load(userId))?.exemptions).toBeUndefined();
  });

  it('knows neither users nor members that are none, and leaves nothing', async () => {
    const body = { until: inDays(1), reason: 'x' };
    expect(await put(body, at('nobody'))).toMatchObject({ status: 404, body: { message: 'unknown user' } });
    expect(await itemsUnder(stepgate, 'USER#nobody')).toEqual([]);
    expect((await put(body, at(userId, 'acme'))).status).toBe(404);
  });

  it('is of one tenant: another one asks as before', async () => {
    await put({ until: inDays(1), reason: 'x' });
    await stepgate.tenant('acme', { mfaPolicy: { rules: [rule] } });
    await stepgate.browser().put(`/admin/users/${userId}/tenants/acme`);
    const page = stepgate.browser('header', 'acme');
    await page.signIn(email, PASSWORD);
    expect((await page.me()).status).toBe(403);
  });

  it('keeps a grace from beginning, which begins when it is over', async () => {
    await stepgate.tenant('public', { mfaPolicy: { rules: [{ ...rule, graceDays: 1 }] } });
    await put({ until: inDays(5), reason: 'x' });
    expect(await isAsked()).toBe(false);
    expect((await stepgate.app().users.load(userId))?.grace).toBeUndefined();
    stepgate.clock.advance(5 * DAY);
    expect(await isAsked()).toBe(false);
    expect((await stepgate.app().users.load(userId))?.grace?.['public']?.['all']).toBeGreaterThan(inDays(0));
  });
});

describe('DELETE /admin/users/{userId}/exemptions/{tenantId}', () => {
  it('has the policy ask again, and may be said twice', async () => {
    await put({ until: inDays(1), reason: 'x' });
    expect((await end()).body).toMatchObject({ status: 'OK', user: { exemptions: {} } });
    expect(await isAsked()).toBe(true);
    expect((await end()).status).toBe(200);
    expect((await auditOf(stepgate, userId)).filter((event) => event === 'admin.exemption-ended')).toHaveLength(1);
  });

  it('knows nobody it does not know', async () => {
    expect((await end(at('nobody'))).status).toBe(404);
  });
});

describe('an exemption', () => {
  it('is in the audit: who, until when, and why', async () => {
    const until = inDays(1);
    await put({ until, reason: 'phone lost' });
    const items = await itemsUnder(stepgate, `AUDIT#${userId}#${new Date(inDays(0)).toISOString().slice(0, 7)}`);
    expect(items.find((item) => item['event'] === 'admin.exempted')).toMatchObject({
      tenantId: 'public',
      details: { until: new Date(until).toISOString(), reason: 'phone lost', by: 'local' },
    });
  });

  it('is erased with the user, and so is a grace', async () => {
    await put({ until: inDays(1), reason: 'x' });
    await stepgate.app().users.startGrace(userId, 'public', { all: inDays(1) });
    expect((await stepgate.browser().delete(`/admin/users/${userId}`)).body.status).toBe('OK');
    expect(await itemsUnder(stepgate, `USER#${userId}`)).toEqual([]);
  });

  it('ends with the membership: coming back, the user is asked', async () => {
    await stepgate.tenant('acme', {});
    await stepgate.browser().put(`/admin/users/${userId}/tenants/acme`);
    await put({ until: inDays(1), reason: 'x' });
    await stepgate.browser().delete(`/admin/users/${userId}/tenants/public`);
    expect((await stepgate.app().users.load(userId))?.exemptions).toBeUndefined();
  });

  it('stays with the account it was given to when accounts are linked, and a grace is never the longer one', async () => {
    const other = await stepgate.user(`other-${users}@example.com`);
    const until = inDays(3);
    const { users: store } = stepgate.app();
    await put({ until, reason: 'mine' });
    await put({ until: inDays(9), reason: 'theirs' }, at(other));
    await store.startGrace(userId, 'public', { one: 5, two: 5 });
    await store.startGrace(other, 'public', { one: 4, two: 6, three: 7 });
    await stepgate.browser().put(`/admin/users/${other}/factors/otp-email`);
    const { body } = await stepgate.browser().post(`/admin/users/${userId}/link`, { userId: other });
    expect(body.user).toMatchObject({
      requiredFactors: ['otp-email'],
      exemptions: { public: { until, reason: 'mine' } },
      grace: { public: { one: 4, two: 5, three: 7 } },
    });
    expect(await itemsUnder(stepgate, `USER#${other}`)).toEqual([]);
  });
});
