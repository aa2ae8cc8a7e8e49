import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { tenantKey } from '../../shared/dynamo/keys.ts';
import { policyHash } from '../../shared/policies/hash.ts';
import { BY_MAIL, BY_PHONE, NOBODY, usePolicies } from '../support/policies.ts';
import { PASSWORD } from '../support/stepgate.ts';

/** A policy is saved over HTTP: what is taken, what is refused, and what becomes of it. */

const { stepgate, operator, at, save, versions, stored, versionItems, tenantId, becomes } = usePolicies();

describe('PUT …/policy', () => {
  it('makes a version and puts it in force at once', async () => {
    const before = stepgate.clock.now();
    expect(await save(BY_MAIL, { reason: '  the auditors ask for it ' })).toMatchObject({
      status: 200,
      body: { status: 'OK', version: 1, hash: policyHash(BY_MAIL), changed: true, findings: [] },
    });
    const { body } = await operator().get(at('/versions/1'));
    expect(body).toEqual({
      status: 'OK',
      tenantId: tenantId(),
      version: 1,
      mfaPolicy: BY_MAIL,
      hash: policyHash(BY_MAIL),
      at: expect.any(Number),
      by: 'local',
      reason: 'the auditors ask for it',
      via: 'api',
    });
    expect(body.at).toBeGreaterThanOrEqual(before);
    expect(await stored()).toEqual({
      ...tenantKey(tenantId()),
      contactMethod: 'EMAIL_OR_PHONE',
      mfaPolicy: BY_MAIL,
      policyState: { version: 1, hash: policyHash(BY_MAIL), activatedAt: body.at },
    });
    expect((await operator().get(at())).body).toEqual({
      status: 'OK',
      tenantId: tenantId(),
      version: 1,
      hash: policyHash(BY_MAIL),
      activatedAt: body.at,
      mfaPolicy: BY_MAIL,
      findings: [],
    });
    const page = stepgate.browser('header', tenantId());
    await page.signUp('person@example.com', PASSWORD);
    expect((await page.me()).status).toBe(403);
    await save(NOBODY);
    expect((await page.refresh()).status).toBe(200);
    expect((await page.me()).status).toBe(200);
  });

  it('makes no version of what is in force already, however its names are ordered', async () => {
    await save({ merge: 'all', rules: [{ id: 'all', require: ['otp-email'], when: 'true' }] });
    const again = await save({ rules: [{ when: 'true', require: ['otp-email'], id: 'all' }], merge: 'all' });
    expect(again.body).toMatchObject({ status: 'OK', version: 1, changed: false });
    expect(await versions()).toHaveLength(1);
  });

  it('takes null for no policy, as a version as well', async () => {
    expect((await save(null)).body).toMatchObject({ version: 0, changed: false });
    await save(BY_MAIL);
    expect((await save(null)).body).toMatchObject({ version: 2, hash: policyHash(undefined), changed: true });
    expect((await operator().get(at('/versions/2'))).body).toMatchObject({ version: 2, mfaPolicy: null });
    expect(await stored()).not.toHaveProperty('mfaPolicy');
    expect((await operator().get(at())).body).toMatchObject({ version: 2, mfaPolicy: null });
  });

  it('keeps `public`, which needs no item, as any other', async () => {
    becomes('public');
    expect((await operator().get(at())).body).toEqual({
      status: 'OK',
      tenantId: tenantId(),
      version: 0,
      hash: policyHash(undefined),
      mfaPolicy: null,
      findings: [],
    });
    expect((await save(NOBODY)).body).toMatchObject({ status: 'OK', version: 1 });
    const { table } = stepgate.app();
    await table.db.send(new DeleteCommand({ TableName: table.name, Key: tenantKey('public') }));
    expect((await operator().get(at())).body).toMatchObject({ version: 2, mfaPolicy: null });
    expect(await versions()).toMatchObject([{ version: 2, via: 'hand' }, { version: 1 }]);
    await operator().delete('/admin/tenants/public');
    expect(await versionItems()).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['a condition that does not compile', { rules: [{ id: 'a', when: 'user.', require: ['otp-email'] }] }, 'a'],
    ['a factor that is not offered', { rules: [{ id: 'a', require: ['webauthn'] }] }, 'a'],
    ['a shape that is none', { rules: [{ id: 'a' }] }, ''],
    ['a misspelt field', { rule: [] }, ''],
  ])('refuses %s with findings, and makes no version', async (_, mfaPolicy, ruleId) => {
    await save(BY_MAIL);
    const refused = await save(mfaPolicy);
    expect(refused).toMatchObject({ status: 400, body: { message: 'the policy is not valid' } });
    expect(refused.body.findings[0]).toMatchObject({ level: 'error', ...(ruleId === '' ? {} : { ruleId }) });
    expect(await versions()).toHaveLength(1);
    expect((await stored())['mfaPolicy']).toEqual(BY_MAIL);
  });

  it('refuses what could not be kept, and says how much is too much', async () => {
    const rules = (count: number, length: number) => ({
      rules: Array.from({ length: count }, (_, i) => ({
        id: `r${i}`,
        when: `user.id == '${'x'.repeat(length)}'`,
        require: ['otp-email'],
      })),
    });
    const refused = await save(rules(200, 1_900));
    expect(refused).toMatchObject({ status: 400, body: { message: 'the policy is not valid' } });
    expect(refused.body.findings).toMatchObject([
      {
        level: 'error',
        code: 'policy-too-large',
        message: expect.stringMatching(/^mfaPolicy: has \d{6} bytes as JSON; at most 200000 can be kept$/),
      },
    ]);
    expect((await save(rules(100, 1_900))).body).toMatchObject({ status: 'OK', version: 1 });
    expect((await save(rules(101, 1_900))).body).toMatchObject({ status: 'OK', version: 2 });
    expect((await operator().get(at('/versions/1'))).body.mfaPolicy).toEqual(rules(100, 1_900));
    // What was read can be written back, as large as it is.
    const { tenant } = (await operator().get(`/admin/tenants/${tenantId()}`)).body;
    expect((await operator().put(`/admin/tenants/${tenantId()}`, tenant)).status).toBe(200);
    const bulky = { ...tenant, metadata: { notes: 'n'.repeat(200_000) } };
    expect((await operator().put(`/admin/tenants/${tenantId()}`, bulky)).body.findings).toMatchObject([
      { code: 'tenant-too-large', message: expect.stringContaining('at most 350000') },
    ]);
  });

  it.each([
    [{ mfaPolicy: NOBODY }, 'reason is missing or malformed'],
    [{ mfaPolicy: NOBODY, reason: '  ' }, 'say why, in 1 to 500 characters: reason'],
    [{ mfaPolicy: NOBODY, reason: 'x'.repeat(501) }, 'say why, in 1 to 500 characters: reason'],
    [{ reason: 'none' }, 'mfaPolicy is missing or malformed'],
    [{ mfaPolicy: 'all', reason: 'text' }, 'mfaPolicy is missing or malformed'],
    [{ mfaPolicy: NOBODY, reason: 'x', version: 1 }, 'version is missing or malformed'],
    [{ mfaPolicy: NOBODY, reason: 'x', by: 'somebody else' }, 'by is missing or malformed'],
  ])('refuses %j', async (body, message) => {
    expect(await operator().put(at(), body)).toMatchObject({ status: 400, body: { message } });
  });

  it('refuses an unknown tenant and what is no tenant id', async () => {
    becomes('nobody');
    expect(await save(NOBODY)).toMatchObject({ status: 404, body: { message: 'unknown tenant' } });
    becomes('Nobody');
    expect((await save(NOBODY)).status).toBe(400);
  });

  it('writes over no version but the one that was read, where it is told which', async () => {
    expect((await save(BY_MAIL, { ifVersion: 0 })).status).toBe(200);
    expect((await save(BY_PHONE, { ifVersion: 1 })).status).toBe(200);
    const refused = await save(NOBODY, { ifVersion: 1 });
    expect(refused).toMatchObject({ status: 409, body: { version: 2 } });
    expect((await stored())['mfaPolicy']).toEqual(BY_PHONE);
  });
});
