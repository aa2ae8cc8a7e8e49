import { GetCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import type { LinkToken } from '../recovery/token.ts';
import { revertsKey, tokenKey } from './keys.ts';
import { type Table, ttlAfter } from './table-client.ts';

const StoredReverts = v.array(v.object({ hash: v.string(), expiresAt: v.number() }));
type Revert = v.InferOutput<typeof StoredReverts>[number];

/** The ways back a user has, oldest first. Guarded by the user's version: whoever writes them moves it. */
export async function revertsOf(table: Table, userId: string): Promise<readonly Revert[]> {
  const found = await table.db.send(
    new GetCommand({ TableName: table.name, Key: revertsKey(userId), ConsistentRead: true }),
  );
  return v.parse(StoredReverts, found.Item?.['reverts'] ?? []);
}

export const putReverts = (table: Table, userId: string, reverts: readonly Revert[], now: number) => ({
  Put: {
    TableName: table.name,
    Item: {
      ...revertsKey(userId),
      reverts,
      ttl: ttlAfter(Math.max(now, ...reverts.map(({ expiresAt }) => expiresAt))),
    },
  },
});

/** One way back more; those whose time is over go. */
export const addRevert = (table: Table, before: readonly Revert[], token: LinkToken, now: number) => [
  {
    Put: {
      TableName: table.name,
      Item: { ...tokenKey(token.tenantId, token.hash), ...token, ttl: ttlAfter(token.expiresAt) },
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  },
  putReverts(
    table,
    token.userId,
    [...before.filter(({ expiresAt }) => expiresAt > now), { hash: token.hash, expiresAt: token.expiresAt }],
    now,
  ),
];
