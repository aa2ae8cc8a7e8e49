import type { User } from '../account/user.ts';
import type { RedeemOutcome } from '../ports.ts';
import { auditPut } from './audit.ts';
import { loginKey, profileKey } from './keys.ts';
import { type Table, transact } from './table-client.ts';
import { forgetTokens } from './tokens.ts';

/** Takes an account out of every hand. @see PasswordStore.disown */
export async function disown(
  table: Table,
  { user, epoch, tenantId, now }: { user: User; epoch: number; tenantId: string; now: number },
): Promise<RedeemOutcome> {
  const outcome = await transact(table, [
    {
      Update: {
        TableName: table.name,
        Key: profileKey(user.userId),
        UpdateExpression: 'SET epoch = :next, disownedUntil = :next, version = version + :one',
        ConditionExpression:
          '(attribute_not_exists(disownedUntil) OR disownedUntil <= :told) AND epoch = :epoch AND version = :version ' +
          'AND #status = :active',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ':next': user.epoch + 1,
          ':one': 1,
          ':told': epoch,
          ':epoch': user.epoch,
          ':version': user.version,
          ':active': 'active',
        },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    },
    ...user.loginMethods
      .filter(({ recipeId }) => recipeId === 'emailpassword')
      .map(({ recipeUserId }) => ({
        Update: {
          TableName: table.name,
          Key: loginKey(user.userId, recipeUserId),
          UpdateExpression: 'REMOVE passwordHash',
          ConditionExpression: 'attribute_exists(pk)',
        },
      })),
    forgetTokens(table, user.userId),
    { Put: auditPut(table, { userId: user.userId, tenantId, at: now, event: 'account.disowned' }) },
  ]);
  if (outcome.done) return 'OK';
  return Number(outcome.items[0]?.['disownedUntil'] ?? 0) > epoch ? 'TOKEN_GONE' : 'CHANGED';
}
