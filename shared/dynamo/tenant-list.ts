import type { TenantList } from '../ports.ts';
import { TENANT_LIST_PK, tenantKey } from './keys.ts';
import { queryAll } from './query-all.ts';
import { type Table, transact } from './table-client.ts';

export const listedTenant = (tenantId: string) => ({ pk: TENANT_LIST_PK, sk: tenantId });

export const dynamoTenantList = (table: Table): TenantList => ({
  async list() {
    const ids: string[] = [];
    for await (const item of queryAll(table, TENANT_LIST_PK)) ids.push(String(item['sk']));
    return ids;
  },

  async enlist(tenantId) {
    const isThere = { TableName: table.name, Key: tenantKey(tenantId), ConditionExpression: 'attribute_exists(pk)' };
    const isNew = { ConditionExpression: 'attribute_not_exists(pk)' };
    const put = { TableName: table.name, Item: listedTenant(tenantId), ...isNew };
    const outcome = await transact(table, [{ ConditionCheck: isThere }, { Put: put }]);
    return outcome.done;
  },
});
