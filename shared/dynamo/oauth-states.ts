import { UpdateCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { OauthStateStore } from '../ports.ts';
import { oauthKey } from './keys.ts';
import { ifConditionHolds, type Table, ttlAfter } from './table-client.ts';

const State = v.object({
  tenantId: v.string(),
  codeChallenge: v.string(),
  thirdPartyId: v.string(),
  clientId: v.string(),
  redirectUri: v.string(),
  nonce: v.string(),
  browserHash: v.exactOptional(v.string()),
  expiresAt: v.number(),
});

export function dynamoOauthStates(table: Table): OauthStateStore {
  return {
    async put(state) {
      const item = { ...oauthKey(state.tenantId, state.codeChallenge), ...state, ttl: ttlAfter(state.expiresAt) };
      await table.db.send(new PutCommand({ TableName: table.name, Item: item }));
    },

    async claim(tenantId, codeVerifier, requestId) {
      const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');
      const outcome = await ifConditionHolds(
        table.db.send(
          new UpdateCommand({
            TableName: table.name,
            Key: oauthKey(tenantId, codeChallenge),
            UpdateExpression: 'SET usedBy = :request',
            // Or it is this very request: the reply to an earlier try was lost.
            ConditionExpression: 'attribute_exists(pk) AND (attribute_not_exists(usedBy) OR usedBy = :request)',
            ExpressionAttributeValues: { ':request': requestId },
            ReturnValues: 'ALL_NEW',
          }),
        ),
      );
      return outcome.done ? v.parse(State, outcome.output.Attributes) : undefined;
    },
  };
}
