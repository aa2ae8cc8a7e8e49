/**
 * A body says what its endpoint asks for and nothing else: nobody writes an own role, status or id by adding a member,
 * and no member reaches the prototype of anything.
 *
 * Why: ASVS 15.3.3; CVE-2025-61928 (an API key made for any user by a member too many).
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { EVERYBODY, NOBODY, typeCode } from './mfa.ts';

const stepgate = useStepgate();

beforeAll(async () => {
  await stepgate.tenant('public', { ...NOBODY, signUpFields: [{ id: 'company', optional: true }] });
  await stepgate.tenant('asking', EVERYBODY);
});

const WISHES = {
  userId: 'chosen',
  id: 'chosen',
  recipeUserId: 'chosen',
  roles: ['admin'],
  permissions: ['everything'],
  requiredFactors: [],
  emailVerified: true,
  verified: true,
  status: 'active',
  isPrimary: true,
  epoch: 99,
  tenantId: 'asking',
  tenantIds: ['asking'],
  metadata: { plan: 'paid' },
  passwordHash: 'x',
  'st-mfa': { c: {}, v: true },
};

/** As text, because a literal's `constructor` would not be one. */
const withPrototypes = (body: object): string =>
  `${JSON.stringify(body).slice(0, -1)},"constructor":{"prototype":{"polluted":"yes"}},"prototype":{"polluted":"yes"}}`;

const fields = (email: string) => ({
  formFields: [
    { id: 'email', value: email },
    { id: 'password', value: PASSWORD },
  ],
});

const isPolluted = () => ({}) as { polluted?: unknown };

async function plain(userId: string, tenantId: string, metadata: object = {}): Promise<void> {
  const user = await stepgate.app().users.load(userId);
  expect(user).toMatchObject({ userId, status: 'active', epoch: 0, roles: {}, metadata, tenantIds: [tenantId] });
  expect(isPolluted().polluted).toBeUndefined();
}

describe('SEC-78: members nobody asked for', () => {
  it('elevate nothing at sign-up', async () => {
    const page = stepgate.browser('header');
    const body = withPrototypes({ ...WISHES, ...fields('wish@example.com') });
    const made = await page.send('POST', '/auth/signup', undefined, { raw: body, headers: JSON_TYPE });
    expect(made.body).toMatchObject({ status: 'OK', user: { isPrimaryUser: false } });
    expect(made.body.user.id).not.toBe('chosen');
    expect(made.body.user.loginMethods).toMatchObject([{ verified: false, tenantIds: ['public'] }]);
    expect(page.claims()).toMatchObject({ 'st-role': { v: [] }, 'st-perm': { v: [] }, tId: 'public', epoch: 0 });
    await plain(made.body.user.id, 'public');
  });

  it.each([
    '{"__proto__":{"formFields":[]},"formFields":[]}',
    '{"formFields":[{"id":"email","value":"p@example.com","__proto__":{"polluted":"yes"}}]}',
    '{"a":{"b":{"__proto__":{"polluted":"yes"}}}}',
  ])('are refused where one of them is __proto__: %s', async (raw) => {
    for (const path of ['signup', 'signin', 'signinup/code', 'signinup/code/resend', 'signinup/code/consume']) {
      const answer = await stepgate.browser().send('POST', `/auth/${path}`, undefined, { raw, headers: JSON_TYPE });
      expect([answer.status, answer.body]).toEqual([400, { message: 'the body has a member named __proto__' }]);
    }
    expect(isPolluted().polluted).toBeUndefined();
  });

  it.each(['roles', 'userId', 'status', '__proto__', 'constructor', 'prototype', 'toString', 'metadata'])(
    'are refused as a form field named %s',
    async (id) => {
      const form = fields(`field-${id.replaceAll('_', '')}@example.com`);
      const answer = await stepgate
        .browser()
        .post('/auth/signup', { formFields: [...form.formFields, { id, value: 'admin' }] });
      expect(answer.status).toBe(400);
      expect(isPolluted().polluted).toBeUndefined();
    },
  );

  it('are not kept beside the fields a tenant does ask for', async () => {
    const { formFields } = fields('company@example.com');
    const company = { id: 'company', value: 'Acme', optional: false, roles: ['admin'] };
    const made = await stepgate.browser().post('/auth/signup', { formFields: [...formFields, company] });
    await plain(made.body.user.id, 'public', { company: 'Acme' });
  });

  it('elevate nothing at sign-in', async () => {
    const userId = await stepgate.user('in@example.com');
    const page = stepgate.browser('header');
    const body = withPrototypes({ ...WISHES, ...fields('in@example.com') });
    await page.send('POST', '/auth/signin', undefined, { raw: body, headers: JSON_TYPE });
    expect(page.claims()).toMatchObject({ sub: userId, tId: 'public', 'st-role': { v: [] } });
    await plain(userId, 'public');
  });

  it('elevate nothing at a code', async () => {
    const email = 'code@example.com';
    const userId = await stepgate.user(email, { tenantId: 'asking' });
    const page = stepgate.browser('header', 'asking');
    await page.signIn(email, PASSWORD);
    const sent = await page.sendCode({ email });
    const { deviceId, preAuthSessionId } = sent.body;
    const link = { shouldTryLinkingWithSessionUser: true };
    const wrong = withPrototypes({ ...WISHES, deviceId, preAuthSessionId, userInputCode: 'x', ...link });
    const refused = await page.send('POST', '/auth/signinup/code/consume', undefined, {
      raw: wrong,
      headers: JSON_TYPE,
    });
    expect(refused.body.status).toBe('INCORRECT_USER_INPUT_CODE_ERROR');
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email']);

    const code = stepgate.lastCode(email);
    const right = withPrototypes({ ...WISHES, deviceId, preAuthSessionId, userInputCode: code, ...link });
    const done = await page.send('POST', '/auth/signinup/code/consume', undefined, { raw: right, headers: JSON_TYPE });
    expect(done.body).toMatchObject({ status: 'OK', user: { id: userId } });
    expect(page.claims()).toMatchObject({ sub: userId, 'st-role': { v: [] } });
    await plain(userId, 'asking');
  });

  it('are refused when an operator patches a user', async () => {
    const userId = await stepgate.user('patched@example.com');
    for (const [name, value] of Object.entries(WISHES)) {
      if (['userId', 'status', 'metadata'].includes(name)) continue;
      const answer = await stepgate.browser().send('PATCH', `/admin/users/${userId}`, { [name]: value });
      expect([name, answer.status]).toEqual([name, 400]);
    }
    for (const raw of ['{"__proto__":{"status":"disabled"}}', '{"constructor":{"prototype":{"polluted":"yes"}}}']) {
      const answer = await stepgate
        .browser()
        .send('PATCH', `/admin/users/${userId}`, undefined, { raw, headers: JSON_TYPE });
      expect([raw, answer.status]).toEqual([raw, 400]);
    }
    await plain(userId, 'public');
  });

  it('reach no prototype as keys of the metadata an operator writes', async () => {
    const userId = await stepgate.user('meta@example.com');
    for (const raw of [
      '{"metadata":{"__proto__":{"polluted":"yes"},"plan":"paid"}}',
      '{"metadata":{"constructor":{"prototype":{"polluted":"yes"}},"plan":"paid"}}',
      '{"metadata":{"deep":{"__proto__":{"polluted":"yes"}},"plan":"paid"}}',
    ]) {
      const answer = await stepgate
        .browser()
        .send('PATCH', `/admin/users/${userId}`, undefined, { raw, headers: JSON_TYPE });
      expect([raw, answer.status]).toEqual([raw, raw.includes('__proto__') ? 400 : 200]);
      expect(isPolluted().polluted).toBeUndefined();
      const user = await stepgate.app().users.load(userId);
      expect(Object.getPrototypeOf(user?.metadata)).toBe(Object.prototype);
      expect(Object.keys({ ...user?.metadata }).filter((key) => !['constructor', 'plan'].includes(key))).toEqual([]);
    }
  });

  it('of another user change nothing: a path counts more than a body', async () => {
    const [mine, other] = [await stepgate.user('mine@example.com'), await stepgate.user('other@example.com')];
    await stepgate.browser().send('PATCH', `/admin/users/${mine}`, { userId: other, status: 'disabled' });
    expect((await stepgate.app().users.load(other))?.status).toBe('active');
    expect((await stepgate.app().users.load(mine))?.status).toBe('disabled');
  });

  it('are refused in a tenant', async () => {
    for (const raw of [
      '{"pk":"TENANT#public","sk":"CONFIG"}',
      '{"__proto__":{"firstFactors":[]}}',
      '{"tenantId":"t"}',
    ]) {
      const answer = await stepgate
        .browser()
        .send('PUT', '/admin/tenants/mine', undefined, { raw, headers: JSON_TYPE });
      expect([raw, answer.status]).toEqual([raw, 400]);
    }
    expect((await stepgate.browser().get('/admin/tenants/mine')).status).toBe(404);
  });

  it('leave a session of a second factor as it is', async () => {
    const email = 'after@example.com';
    await stepgate.user(email, { tenantId: 'asking' });
    const page = stepgate.browser('cookie', 'asking');
    await page.signIn(email, PASSWORD);
    await page.put('/auth/mfa/info', WISHES);
    expect((await page.me()).status).toBe(403);
    await typeCode(stepgate, page, email);
    expect((await page.me()).body.roles).toEqual([]);
  });
});

const JSON_TYPE = { 'content-type': 'application/json' };
