import type { VerificationStore } from '../ports.ts';
import { loginKey, profileKey, tokensKey } from './keys.ts';
import { type Table, transact } from './table-client.ts';
import { useToken } from './token-steps.ts';

export function dynamoVerifications(table: Table): VerificationStore {
  return {
    async verify({ token, now }) {
      const outcome = await transact(table, [
        useToken(table, token, now),
        {
          Update: {
            TableName: table.name,
            Key: tokensKey(token.userId),
            UpdateExpression: 'REMOVE #purpose',
            ConditionExpression: '#purpose = :hash',
            ExpressionAttributeNames: { '#purpose': token.purpose },
            ExpressionAttributeValues: { ':hash': token.hash },
          },
        },
        {
          ConditionCheck: {
            TableName: table.name,
            Key: profileKey(token.userId),
            ConditionExpression: '#status = :active',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':active': 'active' },
          },
        },
        {
          Update: {
            TableName: table.name,
            Key: loginKey(token.userId, token.recipeUserId),
            UpdateExpression: 'SET verified = :true',
            ConditionExpression: 'email = :email',
            ExpressionAttributeValues: { ':true': true, ':email': token.contact },
          },
        },
      ]);
      if (outcome.done) return 'OK';
      return outcome.failed[0] === true || outcome.failed[1] === true ? 'TOKEN_GONE' : 'CHANGED';
    },
  };
}
