import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import type { PolicyState } from '../policies/state.ts';
import type { PolicyStore, PolicySummary, PolicyVersion, StoredTenant } from '../ports.ts';
import { POLICY_SK, policyKey, tenantKey } from './keys.ts';
import { ifConditionHolds, type Item, type Table, transact } from './table-client.ts';
import { attributesOf } from './tenants.ts';

const Summary = v.object({
  version: v.number(),
  hash: v.string(),
  at: v.number(),
  by: v.string(),
  reason: v.string(),
  via: v.picklist(['api', 'cli', 'hand', 'rollback']),
  from: v.exactOptional(v.number()),
  isInvalid: v.exactOptional(v.literal(true)),
});

export function dynamoPolicies(table: Table): PolicyStore {
  const list = async (tenantId: string, limit: number, before: number | undefined) => {
    const found: PolicySummary[] = [];
    let from: Item | undefined;
    do {
      const page: { Items?: Item[] | undefined; LastEvaluatedKey?: Item | undefined } = await table.db.send(
        new QueryCommand({
          TableName: table.name,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
          ExpressionAttributeValues: {
            ':pk': tenantKey(tenantId).pk,
            ':first': `${POLICY_SK}0`,
            ':last': before === undefined ? `${POLICY_SK}~` : policyKey(tenantId, before - 1).sk,
          },
          ProjectionExpression: Object.keys(Summary.entries)
            .map((name) => `#${name}`)
            .join(', '),
          ExpressionAttributeNames: Object.fromEntries(Object.keys(Summary.entries).map((name) => [`#${name}`, name])),
          ScanIndexForward: false,
          ConsistentRead: true,
          Limit: limit - found.length,
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
      );
      found.push(...(page.Items ?? []).map((item) => v.parse(Summary, item)));
      from = page.LastEvaluatedKey;
    } while (from !== undefined && found.length < limit);
    return found;
  };

  return {
    list,

    async open(tenantId) {
      const [{ Item: item }, [newest]] = await Promise.all([
        table.db.send(new GetCommand({ TableName: table.name, Key: tenantKey(tenantId), ConsistentRead: true })),
        list(tenantId, 1, undefined),
      ]);
      const { mfaPolicy, policyState } = item ?? {};
      return {
        document: item === undefined ? undefined : attributesOf(item),
        raw: {
          ...(mfaPolicy === undefined ? {} : { mfaPolicy }),
          ...(policyState === undefined ? {} : { policyState }),
        },
        newest,
      };
    },

    async activate(tenantId, next, seen) {
      const outcome = await transact(table, [
        versionPut(table, tenantId, next),
        { Update: activation(table, tenantId, next, seen) },
      ]);
      return outcome.done;
    },

    async restoreState(tenantId, newest, seen) {
      const { mfaPolicy } = seen.raw;
      const lost = activation(table, tenantId, { ...newest, ...(mfaPolicy === undefined ? {} : { mfaPolicy }) }, seen);
      const outcome = await ifConditionHolds(table.db.send(new UpdateCommand(lost)));
      return outcome.done;
    },

    async read(tenantId, version) {
      const { Item: item } = await table.db.send(
        new GetCommand({ TableName: table.name, Key: policyKey(tenantId, version), ConsistentRead: true }),
      );
      if (item === undefined) return undefined;
      const { mfaPolicy } = attributesOf(item);
      return { ...v.parse(Summary, item), ...(mfaPolicy === undefined ? {} : { mfaPolicy }) };
    },
  };
}

/** A version is written once and stays as it is. */
export const versionPut = (table: Table, tenantId: string, version: PolicyVersion) => ({
  Put: {
    TableName: table.name,
    Item: { ...version, ...policyKey(tenantId, version.version) },
    ConditionExpression: 'attribute_not_exists(pk)',
  },
});

export const stateOf = ({ version, hash, at }: PolicySummary): PolicyState => ({ version, hash, activatedAt: at });

/** Holds where the tenant's policy and its state are still what was read. */
export function asSeen({ document, raw }: StoredTenant) {
  if (document === undefined) return { ConditionExpression: 'attribute_not_exists(pk)' };
  const names = ['mfaPolicy', 'policyState'] as const;
  const seen = names.filter((name) => raw[name] !== undefined);
  const terms = names.map((name) =>
    seen.includes(name) ? `${name} = :seen_${name}` : `attribute_not_exists(${name})`,
  );
  return {
    ConditionExpression: ['attribute_exists(pk)', ...terms].join(' AND '),
    ...(seen.length === 0
      ? {}
      : { ExpressionAttributeValues: Object.fromEntries(seen.map((name) => [`:seen_${name}`, raw[name]])) }),
  };
}

function activation(table: Table, tenantId: string, next: PolicyVersion, seen: StoredTenant) {
  const { ConditionExpression, ExpressionAttributeValues } = asSeen(seen);
  const hasPolicy = next.mfaPolicy !== undefined;
  return {
    TableName: table.name,
    Key: tenantKey(tenantId),
    UpdateExpression: `SET policyState = :state${hasPolicy ? ', mfaPolicy = :policy' : ' REMOVE mfaPolicy'}`,
    ConditionExpression,
    ExpressionAttributeValues: {
      ...ExpressionAttributeValues,
      ':state': stateOf(next),
      ...(hasPolicy ? { ':policy': next.mfaPolicy } : {}),
    },
  };
}
