import { DeleteCommand, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { TenantAdmin } from '../admin/tenants.ts';
import { MEMBER_SHARDS, memberPk, TENANT_LIST_PK, tenantKey } from './keys.ts';
import { queryAll } from './query-all.ts';
import type { Table } from './table-client.ts';
import { attributesOf } from './tenants.ts';

export function dynamoTenantAdmin(table: Table): TenantAdmin {
  const adopt = (tenantId: string) =>
    table.db.send(new PutCommand({ TableName: table.name, Item: { pk: TENANT_LIST_PK, sk: tenantId } }));

  return {
    async list() {
      const ids: string[] = [];
      for await (const item of queryAll(table, TENANT_LIST_PK)) ids.push(String(item['sk']));
      return ids;
    },
    async read(tenantId) {
      const found = await table.db.send(
        new GetCommand({ TableName: table.name, Key: tenantKey(tenantId), ConsistentRead: true }),
      );
      if (found.Item === undefined) return undefined;
      await adopt(tenantId);
      return attributesOf(found.Item);
    },
    async write(tenantId, document) {
      await adopt(tenantId);
      await table.db.send(new PutCommand({ TableName: table.name, Item: { ...document, ...tenantKey(tenantId) } }));
    },
    async remove(tenantId) {
      const shards = await Promise.all(
        MEMBER_SHARDS.map((shard) =>
          table.db.send(
            new QueryCommand({
              TableName: table.name,
              KeyConditionExpression: 'pk = :pk',
              ExpressionAttributeValues: { ':pk': memberPk(tenantId, shard) },
              Limit: 1,
              ConsistentRead: true,
            }),
          ),
        ),
      );
      if (shards.some(({ Items }) => (Items ?? []).length > 0)) return false;
      await table.db.send(new DeleteCommand({ TableName: table.name, Key: tenantKey(tenantId) }));
      await table.db.send(new DeleteCommand({ TableName: table.name, Key: { pk: TENANT_LIST_PK, sk: tenantId } }));
      return true;
    },
  };
}
