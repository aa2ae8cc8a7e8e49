import { beforeEach, describe, expect, it } from 'vitest';
import { itemsUnder } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const operator = () => stepgate.browser();

let users = 0;
let email = '';
let userId = '';

beforeEach(async () => {
  email = `user-${(users += 1)}@example.com`;
  userId = await stepgate.user(email);
});

const UNKNOWN = { status: 404, body: { message: 'unknown user' } };
const METHODS = ['PUT', 'DELETE'] as const;

describe('PUT, DELETE /admin/users/{userId}/roles/{tenantId}/{role}', () => {
  const role = (method: 'PUT' | 'DELETE', name: string, tenantId = 'public', id = userId) =>
    operator().send(method, `/admin/users/${id}/roles/${tenantId}/${name}`);

  it('grants and removes, and answers with the user', async () => {
    expect((await role('PUT', 'admin')).body).toMatchObject({
      status: 'OK',
      user: { id: userId, roles: { public: ['admin'] } },
    });
    expect((await role('PUT', 'editor')).body.user.roles.public.toSorted()).toEqual(['admin', 'editor']);
    expect((await role('DELETE', 'admin')).body.user.roles).toEqual({ public: ['editor'] });
    expect((await role('DELETE', 'editor')).body.user.roles.public).toEqual([]);
  });

  it('may be said twice', async () => {
    await role('PUT', 'admin');
    expect((await role('PUT', 'admin')).body.user.roles).toEqual({ public: ['admin'] });
    await role('DELETE', 'admin');
    expect(await role('DELETE', 'admin')).toMatchObject({ status: 200, body: { user: { roles: { public: [] } } } });
    expect((await role('DELETE', 'never-had')).status).toBe(200);
  });

  it('loses nothing of twenty at once', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `role-${i}`);
    const replies = await Promise.all(names.map((name) => role('PUT', name)));
    expect(replies.map(({ status }) => status)).toEqual(names.map(() => 200));
    const { roles } = (await operator().get(`/admin/users/${userId}`)).body.user;
    expect(roles.public.toSorted()).toEqual(names.toSorted());

    await Promise.all(names.slice(0, 10).map((name) => role('DELETE', name)));
    const after = (await operator().get(`/admin/users/${userId}`)).body.user.roles;
    expect(after.public.toSorted()).toEqual(names.slice(10).toSorted());
  });

  it('keeps the roles of tenants apart', async () => {
    await role('PUT', 'admin', 'acme');
    const { body } = await role('PUT', 'editor');
    expect(body.user.roles).toEqual({ acme: ['admin'], public: ['editor'] });
  });

  it('shows in the token from the next sign-in on', async () => {
    await role('PUT', 'admin');
    const page = stepgate.browser();
    await page.signIn(email, PASSWORD);
    expect(page.claims()['st-role'].v).toEqual(['admin']);
  });

  it.each(METHODS)('%s knows nobody it does not know, and makes nobody', async (method) => {
    expect(await role(method, 'admin', 'public', 'nobody')).toMatchObject(UNKNOWN);
    expect(await itemsUnder(stepgate, 'USER#nobody')).toEqual([]);
  });

  it.each(METHODS)('%s refuses what could not be a role or a tenant', async (method) => {
    for (const name of ['a%20b', 'a%23b', 'x'.repeat(65), '%C3%A9']) {
      expect(await role(method, name)).toMatchObject({
        status: 400,
        body: { message: 'role is missing or malformed' },
      });
    }
    expect(await role(method, 'admin', 'Acme')).toMatchObject({ status: 400, body: { message: 'not a tenant id' } });
  });

  it('is written down', async () => {
    await role('PUT', 'admin');
    stepgate.clock.advance(1);
    await role('DELETE', 'admin');
    const entries = await itemsUnder(stepgate, `AUDIT#${userId}#`);
    expect(entries.map(({ event }) => event).toSorted()).toEqual(['admin.role-granted', 'admin.role-removed']);
    expect(entries[0]).toMatchObject({ userId, details: { role: 'admin', tenantId: 'public' } });
  });
});

describe('PUT, DELETE /admin/users/{userId}/factors/{factorId}', () => {
  const factor = (method: 'PUT' | 'DELETE', factorId: string, id = userId) =>
    operator().send(method, `/admin/users/${id}/factors/${factorId}`);

  it('puts a factor on the user’s list and takes it off, as often as it is said', async () => {
    expect((await factor('PUT', 'otp-email')).body).toMatchObject({
      status: 'OK',
      user: { id: userId, requiredFactors: ['otp-email'] },
    });
    expect((await factor('PUT', 'otp-email')).body.user.requiredFactors).toEqual(['otp-email']);
    expect((await factor('DELETE', 'otp-email')).body.user.requiredFactors).toEqual([]);
    expect(await factor('DELETE', 'otp-email')).toMatchObject({ status: 200, body: { user: { requiredFactors: [] } } });
  });

  it('loses nothing of several at once', async () => {
    const all = ['otp-email', 'otp-phone'];
    const replies = await Promise.all([...all, ...all, ...all, ...all].map((id) => factor('PUT', id)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await operator().get(`/admin/users/${userId}`)).body.user.requiredFactors.toSorted()).toEqual(all);
  });

  it('is asked for at the next sign-in, and no longer once it is off', async () => {
    const isIn = async () => {
      const page = stepgate.browser();
      await page.signIn(email, PASSWORD);
      return page.claims()['st-mfa'].v;
    };
    await factor('PUT', 'otp-email');
    expect(await isIn()).toBe(false);
    await factor('DELETE', 'otp-email');
    expect(await isIn()).toBe(true);
  });

  it('refuses what is no second factor here', async () => {
    for (const id of ['backup-code', 'emailpassword', 'nothing', 'OTP-EMAIL']) {
      expect(await factor('PUT', id)).toMatchObject({
        status: 400,
        body: { message: 'not a second factor: otp-email, otp-phone, totp' },
      });
    }
    expect((await factor('DELETE', 'OTP')).status).toBe(400);
  });

  it('takes off a factor that is no longer offered', async () => {
    await stepgate.put({ pk: `USER#${userId}`, sk: 'FACTORS', required: new Set(['totp', 'otp-email']) });
    expect((await factor('DELETE', 'totp')).body.user.requiredFactors).toEqual(['otp-email']);
  });

  it.each(METHODS)('%s knows nobody it does not know, and makes nobody', async (method) => {
    expect(await factor(method, 'otp-email', 'nobody')).toMatchObject(UNKNOWN);
    expect(await itemsUnder(stepgate, 'USER#nobody')).toEqual([]);
  });

  it('is written down', async () => {
    await factor('PUT', 'otp-email');
    const [entry] = await itemsUnder(stepgate, `AUDIT#${userId}#`);
    expect(entry).toMatchObject({ event: 'admin.factor-required', details: { factorId: 'otp-email' } });
  });
});
