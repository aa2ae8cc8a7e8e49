import { DeleteCommand, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { TenantAdmin } from '../admin/tenants.ts';
import { unlessDenied } from '../denied.ts';
import { type Key, MEMBER_SHARDS, memberPk, POLICY_SK, tenantKey } from './keys.ts';
import { asSeen, stateOf, versionPut } from './policies.ts';
import { queryAll } from './query-all.ts';
import { type Table, transact } from './table-client.ts';
import { dynamoTenantList, listedTenant } from './tenant-list.ts';
import { attributesOf } from './tenants.ts';

export function dynamoTenantAdmin(table: Table): TenantAdmin {
  const adopt = (tenantId: string) =>
    table.db.send(new PutCommand({ TableName: table.name, Item: listedTenant(tenantId) }));
  const remove = (key: Key) => table.db.send(new DeleteCommand({ TableName: table.name, Key: key }));

  return {
    list: () => dynamoTenantList(table).list(),
    async read(tenantId) {
      const found = await table.db.send(
        new GetCommand({ TableName: table.name, Key: tenantKey(tenantId), ConsistentRead: true }),
      );
      if (found.Item === undefined) return undefined;
      // Who may only look sees it all the same, and it joins the list with somebody else.
      await unlessDenied(adopt(tenantId));
      return attributesOf(found.Item);
    },
    async write(tenantId, document, seen, next) {
      await adopt(tenantId);
      const state = next ?? seen.newest;
      const item = {
        ...document,
        ...(state === undefined ? {} : { policyState: stateOf(state) }),
        ...tenantKey(tenantId),
      };
      const put = { Put: { TableName: table.name, Item: item, ...asSeen(seen) } };
      const outcome = await transact(table, [put, ...(next === undefined ? [] : [versionPut(table, tenantId, next)])]);
      return outcome.done;
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
      // The item first: without it nobody writes a version behind the sweep. The list last: until then it can be run again.
      await remove(tenantKey(tenantId));
      for await (const { pk, sk } of queryAll(table, tenantKey(tenantId).pk)) {
        if (String(sk).startsWith(POLICY_SK)) await remove({ pk: String(pk), sk: String(sk) });
      }
      await remove(listedTenant(tenantId));
      return true;
    },
  };
}
