import type { LinkToken } from '../recovery/token.ts';
import { tokenKey, tokensKey } from './keys.ts';
import type { Table } from './table-client.ts';

/** Uses a token up: the condition decides among parallel calls. */
export const useToken = (table: Table, token: LinkToken, now: number) => ({
  Update: {
    TableName: table.name,
    Key: tokenKey(token.tenantId, token.hash),
    UpdateExpression: 'SET consumedAt = :now',
    ConditionExpression:
      'attribute_not_exists(consumedAt) AND expiresAt > :now AND purpose = :purpose AND userId = :user',
    ExpressionAttributeValues: { ':now': now, ':purpose': token.purpose, ':user': token.userId },
  },
});

/** Ends every link of a user. @param newest the token that must be its purpose's newest. */
export const forgetTokens = (table: Table, userId: string, newest?: LinkToken) => ({
  Delete: {
    TableName: table.name,
    Key: tokensKey(userId),
    ...(newest === undefined
      ? {}
      : {
          ConditionExpression: '#purpose = :hash',
          ExpressionAttributeNames: { '#purpose': newest.purpose },
          ExpressionAttributeValues: { ':hash': newest.hash },
        }),
  },
});
