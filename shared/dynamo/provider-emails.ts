import { primaryKind } from '../account/contact-kind.ts';
import type { LoginMethod, User } from '../account/user.ts';
import type { Keyring, ProviderEmailStore } from '../ports.ts';
import { loginKey, lookupKey, profileKey } from './keys.ts';
import { type Table, transact } from './table-client.ts';

type Step = Parameters<typeof transact>[1][number];

export function dynamoProviderEmails(table: Table, keys: Pick<Keyring, 'secrets'>): ProviderEmailStore {
  const lookup = async (tenantId: string, method: LoginMethod) =>
    lookupKey(tenantId, (await keys.secrets()).index(primaryKind(method), tenantId, method.email ?? ''));

  /** A primary user holds its addresses among primary users: the new one is claimed, the old one given up. */
  const claims = async (user: User, method: LoginMethod, email: string): Promise<readonly Step[]> => {
    if (!user.isPrimary || method.email === email) return [];
    const owner = { ':me': user.userId };
    const isMine = 'attribute_not_exists(pk) OR userId = :me';
    const takes = method.tenantIds.map(async (tenantId) => ({
      Put: {
        TableName: table.name,
        Item: {
          ...(await lookup(tenantId, { ...method, email })),
          userId: user.userId,
          recipeUserId: method.recipeUserId,
        },
        ConditionExpression: isMine,
        ExpressionAttributeValues: owner,
      },
    }));
    const isUsedElsewhere = user.loginMethods.some((other) => other !== method && other.email === method.email);
    const gives =
      method.email === undefined || isUsedElsewhere
        ? []
        : method.tenantIds.map(async (tenantId) => ({
            Delete: {
              TableName: table.name,
              Key: await lookup(tenantId, method),
              ConditionExpression: isMine,
              ExpressionAttributeValues: owner,
            },
          }));
    return Promise.all([...takes, ...gives]);
  };

  return {
    async replace({ user, method, email }) {
      const outcome = await transact(table, [
        {
          Update: {
            TableName: table.name,
            Key: profileKey(user.userId),
            UpdateExpression: 'SET version = version + :one',
            ConditionExpression: 'version = :version AND #status = :active',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':one': 1, ':version': user.version, ':active': 'active' },
          },
        },
        {
          Update: {
            TableName: table.name,
            Key: loginKey(user.userId, method.recipeUserId),
            UpdateExpression: 'SET email = :email, verified = :true',
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeValues: { ':email': email, ':true': true },
          },
        },
        ...(await claims(user, method, email)),
      ]);
      if (outcome.done) return 'done';
      return outcome.failed[0] === true || outcome.failed[1] === true ? 'changed' : 'taken';
    },
  };
}
