import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { itemsUnder, OPEN, proveEmail, provePhone, signedIn } from '../support/otp.ts';
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

const patch = (body: unknown, id = userId) => operator().send('PATCH', `/admin/users/${id}`, body);
const get = (id = userId) => operator().get(`/admin/users/${id}`);
const UNKNOWN = { status: 404, body: { message: 'unknown user' } };

describe('GET /admin/users/{userId}', () => {
  it('shows the user as the FDI does, and what an operator needs, and no hash', async () => {
    await patch({ metadata: { plan: 'paid' } });
    await operator().put(`/admin/users/${userId}/roles/public/admin`);
    await operator().put(`/admin/users/${userId}/factors/otp-email`);
    expect((await get()).body).toEqual({
      status: 'OK',
      user: {
        id: userId,
        isPrimaryUser: false,
        tenantIds: ['public'],
        emails: [email],
        phoneNumbers: [],
        thirdParty: [],
        webauthn: { credentialIds: [] },
        timeJoined: expect.any(Number),
        loginMethods: [
          {
            recipeId: 'emailpassword',
            recipeUserId: userId,
            tenantIds: ['public'],
            email,
            verified: false,
            timeJoined: expect.any(Number),
            webauthn: { credentialIds: [] },
          },
        ],
        status: 'active',
        metadata: { plan: 'paid' },
        roles: { public: ['admin'] },
        requiredFactors: ['otp-email'],
        owedFactors: [],
        grace: {},
        exemptions: {},
        devices: [],
      },
    });
  });

  it('shows a string set written into metadata by hand as the list it means', async () => {
    const { table } = stepgate.app();
    await table.db.send(
      new UpdateCommand({
        TableName: table.name,
        Key: { pk: `USER#${userId}`, sk: 'PROFILE' },
        UpdateExpression: 'SET metadata.tags = :tags',
        ExpressionAttributeValues: { ':tags': new Set(['beta']) },
      }),
    );
    expect((await get()).body.user.metadata).toEqual({ tags: ['beta'] });
  });

  it('knows nobody it does not know, and no id that could not be one', async () => {
    expect(await get('nobody')).toMatchObject(UNKNOWN);
    expect(await get('a%20b')).toMatchObject({ status: 400, body: { message: 'userId is missing or malformed' } });
    expect(await get('x'.repeat(129))).toMatchObject({ status: 400 });
  });
});

describe('PATCH /admin/users/{userId}', () => {
  it('merges metadata key by key, and null removes one', async () => {
    await patch({ metadata: { plan: 'paid', seats: 5, ratio: 2.5, tags: ['a'], address: { city: 'Pécs' }, on: true } });
    const { body } = await patch({ metadata: { plan: 'free', seats: null, address: { zip: '7621' }, never: null } });
    expect(body.user.metadata).toEqual({
      plan: 'free',
      ratio: 2.5,
      tags: ['a'],
      address: { zip: '7621' },
      on: true,
    });
    expect((await get()).body.user.metadata).toEqual(body.user.metadata);
  });

  it('takes keys with dots and hyphens as they are, never as a path', async () => {
    await patch({ metadata: { address: { city: 'Pécs' } } });
    const { body } = await patch({ metadata: { 'address.city': 'Győr', 'a-b': 1 } });
    expect(body.user.metadata).toEqual({ address: { city: 'Pécs' }, 'address.city': 'Győr', 'a-b': 1 });
  });

  it('loses nothing of parallel changes to different keys', async () => {
    const keys = Array.from({ length: 20 }, (_, i) => `key${i}`);
    await Promise.all(keys.map((key) => patch({ metadata: { [key]: key } })));
    expect((await get()).body.user.metadata).toEqual(Object.fromEntries(keys.map((key) => [key, key])));
  });

  it('changes nothing with nothing', async () => {
    const before = (await get()).body;
    expect((await patch({})).body).toEqual(before);
    expect((await patch({ metadata: {} })).body).toEqual(before);
  });

  it.each<[string, unknown]>([
    ['a status nobody knows', { status: 'deleted' }],
    ['a member nobody knows', { emails: ['x@example.com'] }],
    ['metadata that is a list', { metadata: ['a'] }],
    ['metadata that is null', { metadata: null }],
    ['a key with a space', { metadata: { 'a b': 1 } }],
    ['a key longer than 64', { metadata: { ['k'.repeat(65)]: 1 } }],
    ['51 keys', { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, i])) }],
    ['more than 8 KB', { metadata: { text: 'x'.repeat(8_200) } }],
  ])('refuses %s, and changes nothing', async (_, body) => {
    const before = (await get()).body;
    expect(await patch(body)).toMatchObject({ status: 400, body: { message: expect.any(String) } });
    expect((await get()).body).toEqual(before);
  });

  it('refuses metadata that grows beyond 8 KB piece by piece', async () => {
    await patch({ metadata: { a: 'x'.repeat(5_000) } });
    expect(await patch({ metadata: { b: 'x'.repeat(5_000) } })).toMatchObject({
      status: 400,
      body: { message: 'metadata is larger than 8 KB' },
    });
    expect((await patch({ metadata: { a: null, b: 'x'.repeat(5_000) } })).status).toBe(200);
  });

  it('knows nobody it does not know', async () => {
    expect(await patch({ status: 'disabled' }, 'nobody')).toMatchObject(UNKNOWN);
    expect(await itemsUnder(stepgate, 'USER#nobody')).toEqual([]);
  });

  it('disables a user: sessions end at refresh, and none begins; enabling lets new ones begin', async () => {
    const page = await signedIn(stepgate, email);
    expect((await patch({ status: 'disabled', metadata: { why: 'left' } })).body.user).toMatchObject({
      status: 'disabled',
      metadata: { why: 'left' },
    });
    expect((await page.refresh()).status).toBe(401);
    expect((await stepgate.browser().signIn(email, PASSWORD)).body.status).toBe('WRONG_CREDENTIALS_ERROR');
    expect((await patch({ status: 'active' })).body.user.status).toBe('active');
    expect((await stepgate.browser().signIn(email, PASSWORD)).body.status).toBe('OK');
  });

  it('writes down who was changed, and the keys alone of what', async () => {
    await patch({ metadata: { secret: 'confidential' } });
    const [entry] = await itemsUnder(stepgate, `AUDIT#${userId}#`);
    expect(entry).toMatchObject({ userId, event: 'admin.patched', details: { keys: ['secret'] } });
    expect(JSON.stringify(entry)).not.toContain('confidential');
  });
});

describe('DELETE /admin/users/{userId}', () => {
  beforeAll(() => stepgate.tenant('public', OPEN));

  it('removes the user, whatever belongs to it, and every lookup of its contacts', async () => {
    const page = await signedIn(stepgate, email);
    await proveEmail(stepgate, page, email);
    await provePhone(stepgate, page, `+3670456${7000 + users}`);
    await operator().put(`/admin/users/${userId}/roles/public/admin`);
    await operator().put(`/admin/users/${userId}/factors/otp-email`);
    expect((await get()).body.user.loginMethods).toHaveLength(3);

    expect((await operator().delete(`/admin/users/${userId}`)).body).toEqual({ status: 'OK' });
    expect(await itemsUnder(stepgate, `USER#${userId}`)).toEqual([]);
    const left = [...(await itemsUnder(stepgate, 'LOOKUP#')), ...(await itemsUnder(stepgate, 'MEMBER#'))];
    expect(left.filter((item) => item['userId'] === userId || item['sk'] === userId)).toEqual([]);
    expect(await get()).toMatchObject(UNKNOWN);
    expect(await operator().delete(`/admin/users/${userId}`)).toMatchObject(UNKNOWN);
  });

  it('ends its sessions', async () => {
    const page = await signedIn(stepgate, email);
    await operator().delete(`/admin/users/${userId}`);
    expect((await page.mfaInfo()).headers.get('front-token')).toBe('remove');
    expect((await page.refresh()).status).toBe(401);
    expect((await stepgate.browser().signIn(email, PASSWORD)).body.status).toBe('WRONG_CREDENTIALS_ERROR');
  });

  it('frees the address and the number at once, for another account', async () => {
    const phoneNumber = `+3670456${8000 + users}`;
    const page = await signedIn(stepgate, email);
    await proveEmail(stepgate, page, email);
    await provePhone(stepgate, page, phoneNumber);
    await operator().delete(`/admin/users/${userId}`);

    const next = stepgate.browser();
    const { body } = await next.signUp(email, PASSWORD);
    expect(body.status).toBe('OK');
    expect(body.user.id).not.toBe(userId);
    await proveEmail(stepgate, next, email);
    await provePhone(stepgate, next, phoneNumber);
    expect((await operator().get(`/admin/users?email=${email}`)).body.users).toMatchObject([{ id: body.user.id }]);
  });
});
