import type { AccountChange } from '../ports.ts';
import { profileKey, sessionKey } from './keys.ts';
import type { Table } from './table-client.ts';

/**
 * The front of every transaction by which a session changes what its account signs in with: the account is as it was
 * read, and the session lives. With `endOthers` every other session of the user ends.
 *
 * The version moves, so of two such changes at the same time one is turned down.
 */
export function accountSteps(table: Table, { user, handle, endOthers, now }: AccountChange) {
  const epoch = endOthers ? user.epoch + 1 : user.epoch;
  return [
    {
      Update: {
        TableName: table.name,
        Key: profileKey(user.userId),
        UpdateExpression: 'SET epoch = :next, version = version + :one',
        ConditionExpression: 'epoch = :epoch AND version = :version AND #status = :active',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ':next': epoch,
          ':one': 1,
          ':epoch': user.epoch,
          ':version': user.version,
          ':active': 'active',
        },
      },
    },
    sessionStep(table, { user, handle, endOthers, now }),
  ];
}

/** The session lives, and goes along with the account's epoch. */
export const sessionStep = (table: Table, { user, handle, endOthers, now }: AccountChange) => ({
  Update: {
    TableName: table.name,
    Key: sessionKey(user.userId, handle),
    UpdateExpression: 'SET epoch = :next',
    ConditionExpression:
      'attribute_exists(pk) AND attribute_not_exists(revokedAt) AND epoch = :epoch AND absoluteExpiresAt > :now',
    ExpressionAttributeValues: { ':next': endOthers ? user.epoch + 1 : user.epoch, ':epoch': user.epoch, ':now': now },
  },
});
