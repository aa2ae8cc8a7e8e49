import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useHostileIdp } from '../support/hostile-idp.ts';
import { itemsUnder, OPEN, proveEmail, provePhone, signedIn } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { begin, configure, corp, finish, goodClaims } from '../support/third-party.ts';

const stepgate = useStepgate();
const idp = useHostileIdp();
const operator = () => stepgate.browser();

let users = 0;
let email = '';
let userId = '';

beforeAll(async () => {
  await stepgate.tenant('public', OPEN);
  await stepgate.tenant('acme', OPEN);
});
beforeEach(async () => {
  email = `member-${(users += 1)}@example.com`;
  userId = await stepgate.user(email);
});

const join = (tenantId = 'acme', id = userId) => operator().put(`/admin/users/${id}/tenants/${tenantId}`);
const leave = (tenantId = 'acme', id = userId) => operator().delete(`/admin/users/${id}/tenants/${tenantId}`);
const signIn = async (tenantId?: string) =>
  (await stepgate.browser('cookie', tenantId).signIn(email, PASSWORD)).body.status;
const everything = async () =>
  Promise.all(['USER#', 'LOOKUP#', 'MEMBER#'].map((prefix) => itemsUnder(stepgate, prefix)));
const TAKEN = {
  status: 400,
  body: { message: 'a contact of the user belongs to another user of this tenant' },
};

describe('PUT /admin/users/{userId}/tenants/{tenantId}', () => {
  it('lets the user in there, by the same password, and lists them', async () => {
    const { body } = await join();
    expect(body.user).toMatchObject({ id: userId, loginMethods: [{ tenantIds: ['public', 'acme'] }] });
    expect([await signIn(), await signIn('acme')]).toEqual(['OK', 'OK']);
    const listed = (await operator().get(`/admin/users?tenantId=acme&email=${email}`)).body.users;
    expect(listed).toMatchObject([{ id: userId }]);
    const [entry] = await itemsUnder(stepgate, `AUDIT#${userId}#`);
    expect(entry).toMatchObject({ event: 'admin.tenant-joined', details: { tenantId: 'acme' } });
  });

  it('may be said twice, and then takes up what was linked in between', async () => {
    await join();
    const after = await everything();
    expect((await join()).status).toBe(200);
    expect(await everything()).toEqual(after);

    await proveEmail(stepgate, await signedIn(stepgate, email), email);
    const { loginMethods } = (await join()).body.user;
    expect(loginMethods).toHaveLength(2);
    for (const method of loginMethods) expect(method.tenantIds).toEqual(['public', 'acme']);
  });

  it('takes nobody’s address there, and changes nothing', async () => {
    await stepgate.user(email, { tenantId: 'acme' });
    const before = await everything();
    expect(await join()).toMatchObject(TAKEN);
    expect(await everything()).toEqual(before);
  });

  it('lets two primary users not share an address, whatever they sign in with', async () => {
    await provePhone(stepgate, await signedIn(stepgate, email), '+36704567890');
    const other = await stepgate.user(`other-${email}`, { tenantId: 'acme' });
    const there = stepgate.browser('cookie', 'acme');
    await there.signIn(`other-${email}`, PASSWORD);
    await proveEmail(stepgate, there, email);
    expect((await operator().get(`/admin/users/${other}`)).body.user.emails).toContain(email);
    expect(await join()).toMatchObject(TAKEN);
  });

  it('lets one of two users with one address in, when both join at once', async () => {
    await stepgate.tenant('other', OPEN);
    const twin = await stepgate.user(email, { tenantId: 'other' });
    const replies = await Promise.all([join('acme'), join('acme', twin)]);
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 400]);
  });

  it('knows no user and no tenant it does not know', async () => {
    expect(await join('acme', 'nobody')).toMatchObject({ status: 404, body: { message: 'unknown user' } });
    expect(await join('nowhere')).toMatchObject({ status: 404, body: { message: 'unknown tenant' } });
    expect(await join('UPPER')).toMatchObject({ status: 400, body: { message: 'not a tenant id' } });
  });

  it('leaves out an identity whose provider is another one there, though it has the same name', async () => {
    const rules = { mfaPolicy: { rules: [] } };
    await configure(stepgate, 'one', { ...rules, providers: [corp(idp.issuer())] });
    await configure(stepgate, 'same', { ...rules, providers: [corp(idp.issuer())] });
    await configure(stepgate, 'foreign', { ...rules, providers: [corp(`${idp.issuer()}/elsewhere`)] });
    const page = stepgate.browser('header', 'one');
    const started = await begin(page, { tenantId: 'one' });
    idp.says(await idp.token(goodClaims(started, idp.issuer(), { email, email_verified: true })));
    const { id } = (await finish(page, started, { code: 'c' })).body.user;
    expect((await join('same', id)).body.user.loginMethods).toMatchObject([{ tenantIds: ['one', 'same'] }]);
    expect(await join('foreign', id)).toMatchObject({
      status: 400,
      body: { message: 'no login method of the user means the same in this tenant' },
    });
  });
});

describe('DELETE /admin/users/{userId}/tenants/{tenantId}', () => {
  it('takes away what joining gave, and roles there, and frees the address', async () => {
    await proveEmail(stepgate, await signedIn(stepgate, email), email);
    const [, lookups, members] = await everything();
    await join();
    await operator().put(`/admin/users/${userId}/roles/acme/admin`);
    const { tenantIds, roles } = (await leave()).body.user;
    expect([tenantIds, roles]).toEqual([['public'], {}]);
    const [, lookupsAfter, membersAfter] = await everything();
    expect([lookupsAfter, membersAfter]).toEqual([lookups, members]);
    expect([await signIn(), await signIn('acme')]).toEqual(['OK', 'WRONG_CREDENTIALS_ERROR']);
    expect((await stepgate.browser('cookie', 'acme').signUp(email, PASSWORD)).body.status).toBe('OK');
    expect((await leave()).status).toBe(200);
  });

  it.each(['cookie', 'header'] as const)('SEC-42: ends sessions of that tenant alone (%s mode)', async (mode) => {
    await join();
    const here = stepgate.browser(mode);
    const there = stepgate.browser(mode, 'acme');
    for (const page of [here, there]) await page.signIn(email, PASSWORD);
    const tokens = there.tokens();
    await leave();
    const out = await there.refresh();
    expect([out.status, out.headers.get('front-token')]).toEqual([401, 'remove']);
    for (const path of ['tenants', 'mfa/factors']) {
      there.present(tokens);
      expect((await there.get(`/auth/${path}`)).status).toBe(401);
    }
    there.present(tokens);
    expect((await there.post('/auth/session/tenant', { tenantId: 'public' })).status).toBe(401);
    expect((await here.refresh()).status).toBe(200);
    expect((await here.post('/auth/session/tenant', { tenantId: 'acme' })).body.status).toBe(
      'TENANT_SWITCH_NOT_ALLOWED',
    );
  });

  it('leaves every user a tenant, also of two removals at once', async () => {
    expect(await leave('public')).toMatchObject({ status: 400 });
    await join();
    const replies = await Promise.all([leave('public'), leave('acme')]);
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect([400, 503]).toContain(replies.find(({ status }) => status !== 200)?.status);
    expect((await operator().get(`/admin/users/${userId}`)).body.user.tenantIds).toHaveLength(1);
  });
});
