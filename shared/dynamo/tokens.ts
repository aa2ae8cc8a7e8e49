import { GetCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import type { TokenStore } from '../ports.ts';
import { tokenKey, tokensKey } from './keys.ts';
import { type Table, transact, ttlAfter } from './table-client.ts';

const StoredToken = v.object({
  tenantId: v.string(),
  hash: v.string(),
  purpose: v.picklist(['reset', 'verify', 'revert', 'sign-up']),
  userId: v.string(),
  recipeUserId: v.string(),
  contact: v.string(),
  changed: v.exactOptional(
    v.object({
      kind: v.picklist(['email', 'phone']),
      recipeUserIds: v.array(v.string()),
      unproven: v.exactOptional(v.literal(true)),
    }),
  ),
  pending: v.exactOptional(v.object({ passwordHash: v.string(), metadata: v.record(v.string(), v.unknown()) })),
  createdAt: v.number(),
  expiresAt: v.number(),
});

/**
 * A link's token is good while two things stand: its own item, not used, and the user's list, which names the newest
 * token of each purpose. Deleting the list ends all links of a user at once.
 */
export function dynamoTokens(table: Table): TokenStore {
  return {
    async issue(token) {
      const ttl = ttlAfter(token.expiresAt);
      await transact(table, [
        {
          Put: {
            TableName: table.name,
            Item: { ...tokenKey(token.tenantId, token.hash), ...token, ttl },
            ConditionExpression: 'attribute_not_exists(pk)',
          },
        },
        {
          Update: {
            TableName: table.name,
            Key: tokensKey(token.userId),
            UpdateExpression: 'SET #purpose = :hash, #ttl = :ttl',
            ExpressionAttributeNames: { '#purpose': token.purpose, '#ttl': 'ttl' },
            ExpressionAttributeValues: { ':hash': token.hash, ':ttl': ttl },
          },
        },
      ]);
    },

    async find(tenantId, hash) {
      const found = await table.db.send(
        new GetCommand({ TableName: table.name, Key: tokenKey(tenantId, hash), ConsistentRead: true }),
      );
      return found.Item === undefined || found.Item['consumedAt'] !== undefined
        ? undefined
        : v.parse(StoredToken, found.Item);
    },
  };
}
