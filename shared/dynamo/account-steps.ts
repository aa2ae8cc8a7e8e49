import type { User } from '../account/user.ts';
import type { AccountChange } from '../ports.ts';
import { profileKey, sessionKey } from './keys.ts';
import type { Table } from './table-client.ts';

/**
 * The front of every transaction by which a session changes what its account signs in with: the account is as it was
 * read, and the session lives. With `endOthers` every other session of the user ends.
 *
 * The version moves, so of two such changes at the same time one is turned down.
 */
export const accountSteps = (table: Table, change: AccountChange) => [
  profileStep(table, change),
  sessionStep(table, change),
];

/** The account is as it was read. @param change.primary it is a primary user from now on. */
export const profileStep = (
  table: Table,
  { user, endOthers, primary }: Pick<AccountChange, 'user' | 'endOthers'> & { readonly primary?: boolean },
) => ({
  Update: {
    TableName: table.name,
    Key: profileKey(user.userId),
    UpdateExpression: `SET epoch = :next, version = version + :one${primary === true ? ', isPrimary = :true' : ''}`,
    ConditionExpression: 'epoch = :epoch AND version = :version AND #status = :active',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':next': epochAfter(user, endOthers),
      ':one': 1,
      ':epoch': user.epoch,
      ':version': user.version,
      ':active': 'active',
      ...(primary === true ? { ':true': true } : {}),
    },
  },
});

/** The session lives, and goes on. */
export const sessionStep = (table: Table, { user, handle, endOthers, now }: AccountChange) => ({
  Update: {
    TableName: table.name,
    Key: sessionKey(user.userId, handle),
    UpdateExpression: 'SET epoch = :next',
    ConditionExpression:
      'attribute_exists(pk) AND attribute_not_exists(revokedAt) AND epoch = :epoch AND absoluteExpiresAt > :now',
    ExpressionAttributeValues: { ':next': epochAfter(user, endOthers), ':epoch': user.epoch, ':now': now },
  },
});

const epochAfter = (user: User, endOthers: boolean): number => (endOthers ? user.epoch + 1 : user.epoch);
