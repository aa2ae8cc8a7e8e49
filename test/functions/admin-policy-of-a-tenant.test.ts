import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { tenantKey } from '../../shared/dynamo/keys.ts';
import { policyHash } from '../../shared/policies/hash.ts';
import { BY_MAIL, BY_PHONE, NOBODY, usePolicies } from '../support/policies.ts';

/** A tenant is written and removed as a whole, and its policy with it. */

const { stepgate, operator, at, save, versions, stored, versionItems, tenantId } = usePolicies();

describe('the whole tenant', () => {
  it('makes a version where its policy is another one, and none where it is not', async () => {
    await operator().put(`/admin/tenants/${tenantId()}`, { mfaPolicy: BY_MAIL });
    await operator().put(`/admin/tenants/${tenantId()}`, { mfaPolicy: BY_MAIL, name: 'Acme' });
    await operator().put(`/admin/tenants/${tenantId()}`, { name: 'Acme' });
    expect(await versions()).toMatchObject([
      { version: 2, hash: policyHash(undefined) },
      { version: 1, hash: policyHash(BY_MAIL), by: 'local', via: 'api', reason: 'the whole tenant was written' },
    ]);
  });

  it('can be written as it was read, and its state is nobody’s to set', async () => {
    await save(BY_MAIL);
    const { policyState } = await stored();
    const { tenant } = (await operator().get(`/admin/tenants/${tenantId()}`)).body;
    expect(tenant).not.toHaveProperty('policyState');
    const forged = { ...tenant, policyState: { version: 99, hash: 'x', activatedAt: 0 } };
    for (const document of [tenant, forged]) {
      expect((await operator().put(`/admin/tenants/${tenantId()}`, document)).status).toBe(200);
      expect((await stored())['policyState']).toEqual(policyState);
    }
  });

  it('takes its versions along when it goes, and a new one of that name begins at 1', async () => {
    await save(BY_MAIL);
    await save(BY_PHONE);
    await operator().delete(`/admin/tenants/${tenantId()}`);
    expect(await versionItems()).toEqual([]);
    expect((await operator().get(at('/versions'))).status).toBe(404);
    await operator().put(`/admin/tenants/${tenantId()}`, { mfaPolicy: NOBODY });
    expect(await versions()).toMatchObject([{ version: 1 }]);
  });

  it('can be removed again where a removal broke off', async () => {
    await save(BY_MAIL);
    const { table } = stepgate.app();
    await table.db.send(new DeleteCommand({ TableName: table.name, Key: tenantKey(tenantId()) }));
    expect((await operator().delete(`/admin/tenants/${tenantId()}`)).status).toBe(200);
    expect(await versionItems()).toEqual([]);
    expect((await operator().delete(`/admin/tenants/${tenantId()}`)).status).toBe(404);
  });
});
