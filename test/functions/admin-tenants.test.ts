import { beforeEach, describe, expect, it } from 'vitest';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const operator = () => stepgate.browser();

const DOCUMENT = {
  name: 'Acme',
  firstFactors: ['emailpassword'],
  requiredSecondaryFactors: ['otp-email'],
  mfaPolicy: { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] }] },
};

let tenants = 0;
let tenantId = '';

beforeEach(() => {
  tenantId = `tenant-${(tenants += 1)}`;
});

describe('PUT /admin/tenants/{tenantId}', () => {
  it('creates a tenant that works at once', async () => {
    expect(await operator().put(`/admin/tenants/${tenantId}`, DOCUMENT)).toMatchObject({
      status: 200,
      body: { status: 'OK', tenantId, findings: [] },
    });
    const page = stepgate.browser('header', tenantId);
    expect((await page.signUp('person@example.com', PASSWORD)).body.status).toBe('OK');
    expect((await page.me()).body.tenantId).toBe(tenantId);
  });

  it('replaces the whole document', async () => {
    await operator().put(`/admin/tenants/${tenantId}`, DOCUMENT);
    await operator().put(`/admin/tenants/${tenantId}`, { contactMethod: 'EMAIL' });
    expect((await operator().get(`/admin/tenants/${tenantId}`)).body.tenant).toEqual({ contactMethod: 'EMAIL' });
  });

  it('takes an empty document: every attribute has a default', async () => {
    expect((await operator().put(`/admin/tenants/${tenantId}`, {})).status).toBe(200);
    expect((await operator().get(`/admin/tenants/${tenantId}`)).body).toEqual({
      status: 'OK',
      tenantId,
      tenant: {},
      findings: [],
    });
  });

  it.each<[string, object, { code: string; ruleId?: string; message?: RegExp }]>([
    ['a misspelt attribute', { firstFactor: [] }, { code: 'malformed', message: /^firstFactor: / }],
    ['a key of the item', { pk: 'TENANT#other' }, { code: 'malformed', message: /^pk: / }],
    ['a wrong type', { optInOnConsume: 'yes' }, { code: 'malformed', message: /^optInOnConsume: / }],
    ['a factor nobody knows', { firstFactors: ['password'] }, { code: 'unknown-factor', message: /^password / }],
    ['a second factor without an endpoint', { requiredSecondaryFactors: ['webauthn'] }, { code: 'factor-not-offered' }],
    [
      'a condition that does not compile',
      { mfaPolicy: { rules: [{ id: 'a', when: 'user.', require: ['otp-email'] }] } },
      { code: 'condition-syntax', ruleId: 'a' },
    ],
    [
      'metadata read unguarded',
      { mfaPolicy: { rules: [{ id: 'a', when: "user.metadata.plan == 'x'", require: ['otp-email'] }] } },
      { code: 'unguarded-metadata', ruleId: 'a' },
    ],
    [
      'a phone where only mail is in use',
      { contactMethod: 'EMAIL', mfaPolicy: { rules: [{ id: 'a', require: ['otp-phone'] }] } },
      { code: 'factor-not-offered', ruleId: 'a' },
    ],
  ])('refuses %s with findings, and changes nothing', async (_, document, { message, ...finding }) => {
    await operator().put(`/admin/tenants/${tenantId}`, DOCUMENT);
    const refused = await operator().put(`/admin/tenants/${tenantId}`, document);
    expect(refused).toMatchObject({ status: 400, body: { message: 'the tenant is not valid' } });
    expect(refused.body.findings).toMatchObject([
      {
        level: 'error',
        ...finding,
        message: message === undefined ? expect.any(String) : expect.stringMatching(message),
      },
    ]);
    expect((await operator().get(`/admin/tenants/${tenantId}`)).body.tenant).toEqual(DOCUMENT);
  });

  it.each(['Acme', 'signin', 'a_b', 'x'.repeat(64)])('refuses %s as a tenant id', async (id) => {
    expect(await operator().put(`/admin/tenants/${id}`, {})).toMatchObject({
      status: 400,
      body: { message: 'not a tenant id: lower-case letters, digits and hyphens, no reserved word' },
    });
  });

  it.each(['[]', '"x"', '{', 'null'])('refuses the body %s', async (raw) => {
    const refused = await operator().put(`/admin/tenants/${tenantId}`, undefined, {
      raw,
      headers: { 'content-type': 'application/json' },
    });
    expect(refused).toMatchObject({ status: 400, body: { message: expect.any(String) } });
  });
});

describe('GET /admin/tenants', () => {
  it('lists the tenants, public first', async () => {
    await operator().put(`/admin/tenants/${tenantId}`, {});
    const { body } = await operator().get('/admin/tenants');
    expect(body.status).toBe('OK');
    expect(body.tenants[0]).toBe('public');
    expect(body.tenants).toContain(tenantId);
    expect(body.tenants.slice(1)).toEqual(body.tenants.slice(1).toSorted());
  });

  it('lists a tenant written by hand once it was opened', async () => {
    await stepgate.tenant(tenantId, {});
    expect((await operator().get('/admin/tenants')).body.tenants).not.toContain(tenantId);
    await operator().get(`/admin/tenants/${tenantId}`);
    expect((await operator().get('/admin/tenants')).body.tenants).toContain(tenantId);
  });
});

describe('GET /admin/tenants/{tenantId}', () => {
  it('shows the attributes without keys', async () => {
    await operator().put(`/admin/tenants/${tenantId}`, DOCUMENT);
    expect((await operator().get(`/admin/tenants/${tenantId}`)).body).toEqual({
      status: 'OK',
      tenantId,
      tenant: DOCUMENT,
      findings: [],
    });
  });

  it('shows a string set written by hand as the list it means, ready to be put back', async () => {
    await stepgate.tenant(tenantId, {
      firstFactors: new Set(['emailpassword']),
      requiredSecondaryFactors: new Set(['otp-email']),
      metadata: { regions: new Set(['eu']) },
    });
    const { tenant } = (await operator().get(`/admin/tenants/${tenantId}`)).body;
    expect(tenant).toEqual({
      firstFactors: ['emailpassword'],
      requiredSecondaryFactors: ['otp-email'],
      metadata: { regions: ['eu'] },
    });
    expect((await operator().put(`/admin/tenants/${tenantId}`, tenant)).status).toBe(200);
  });

  it('says what is wrong with one that cannot be used', async () => {
    await stepgate.tenant(tenantId, { contactMethod: 'SMS', nonsense: 1 });
    const { body } = await operator().get(`/admin/tenants/${tenantId}`);
    expect(body.tenant).toEqual({ contactMethod: 'SMS', nonsense: 1 });
    expect(body.findings).toMatchObject([
      { level: 'error', code: 'malformed', message: expect.stringMatching(/^contactMethod: /) },
      { level: 'error', code: 'malformed', message: expect.stringMatching(/^nonsense: /) },
    ]);
  });

  it('knows public without an item, and no other', async () => {
    expect((await operator().get('/admin/tenants/public')).body).toMatchObject({ tenantId: 'public', tenant: {} });
    expect(await operator().get(`/admin/tenants/${tenantId}`)).toMatchObject({
      status: 404,
      body: { message: 'unknown tenant' },
    });
    expect((await operator().get('/admin/tenants/Acme')).status).toBe(400);
  });
});

describe('DELETE /admin/tenants/{tenantId}', () => {
  it('removes a tenant nobody is a member of: it is unknown from then on', async () => {
    await operator().put(`/admin/tenants/${tenantId}`, {});
    expect((await operator().delete(`/admin/tenants/${tenantId}`)).body).toEqual({ status: 'OK' });
    expect((await operator().get(`/admin/tenants/${tenantId}`)).status).toBe(404);
    expect((await operator().get('/admin/tenants')).body.tenants).not.toContain(tenantId);
    expect((await stepgate.browser('header', tenantId).signIn('a@example.com', PASSWORD)).status).toBe(404);
    expect(await operator().delete(`/admin/tenants/${tenantId}`)).toMatchObject({
      status: 404,
      body: { message: 'unknown tenant' },
    });
  });

  it('keeps a tenant that somebody is a member of', async () => {
    await operator().put(`/admin/tenants/${tenantId}`, {});
    const userId = await stepgate.user('person@example.com', { tenantId });
    expect(await operator().delete(`/admin/tenants/${tenantId}`)).toMatchObject({
      status: 400,
      body: { message: 'the tenant still has users' },
    });
    expect((await stepgate.browser('header', tenantId).signIn('person@example.com', PASSWORD)).body.status).toBe('OK');
    await operator().delete(`/admin/users/${userId}`);
    expect((await operator().delete(`/admin/tenants/${tenantId}`)).status).toBe(200);
  });
});
