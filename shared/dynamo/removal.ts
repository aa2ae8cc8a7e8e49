import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { randomUUID } from 'node:crypto';
import { addressOf, contactKindOf, contactOf, primaryKind } from '../account/contact-kind.ts';
import type { User } from '../account/user.ts';
import type { Keyring } from '../ports.ts';
import { erasingKey, type Key, loginKey, lookupKey, memberKey, profileKey, userPk } from './keys.ts';
import { type Table, transact } from './table-client.ts';

/**
 * Two steps. One transaction makes the account cease to be: after it nobody signs in and the addresses are free. The rest
 * of the collection is swept behind it, while a mark keeps the id from being used again: whoever comes by that id in
 * between would inherit what the sweep had not reached, or lose what it reached too late.
 *
 * @returns false when the user changed meanwhile; nothing is removed then.
 */
export async function removeUser(table: Table, keys: Pick<Keyring, 'secrets'>, user: User): Promise<boolean> {
  const gone = await transact(table, await removalOf(user, table, keys));
  if (!gone.done) return false;
  await finishRemoval(table, user.userId);
  return true;
}

/** A page of the sweep; a transaction holds 100 items. */
const AT_ONCE = 90;

/**
 * Sweeps behind a removal, also one that broke off. Whoever sweeps the same user at the same time helps.
 *
 * @returns false where no user of this id is being removed.
 */
export async function finishRemoval(table: Table, userId: string): Promise<boolean> {
  const key = erasingKey(userId);
  const found = await table.db.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  const removal = found.Item?.['removal'];
  if (removal === undefined) return false;
  const isOurs = {
    TableName: table.name,
    Key: key,
    ConditionExpression: 'removal = :removal',
    ExpressionAttributeValues: { ':removal': removal },
  };
  for (;;) {
    const page = await table.db.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': userPk(userId) },
        ProjectionExpression: 'pk, sk',
        ConsistentRead: true,
        Limit: AT_ONCE,
      }),
    );
    const left = (page.Items ?? []).filter(({ sk }) => sk !== key.sk);
    const deletes = left.map((item) => ({
      Delete: { TableName: table.name, Key: { pk: String(item['pk']), sk: String(item['sk']) } },
    }));
    // Under the mark of this removal alone: after another's end the id may be somebody's.
    const isLast = left.length === 0;
    const outcome = await transact(table, isLast ? [{ Delete: isOurs }] : [{ ConditionCheck: isOurs }, ...deletes]);
    if (isLast || !outcome.done) return true;
  }
}

async function removalOf(user: User, table: Table, keys: Pick<Keyring, 'secrets'>) {
  const secrets = await keys.secrets();
  const lookups = new Map<string, Key>();
  for (const method of user.loginMethods) {
    for (const tenantId of method.tenantIds) {
      for (const [kind, value] of [
        [contactKindOf(method), contactOf(method)] as const,
        ...(user.isPrimary ? [[primaryKind(method), addressOf(method)] as const] : []),
      ]) {
        const key = lookupKey(tenantId, secrets.index(kind, tenantId, value));
        lookups.set(key.pk, key);
      }
    }
  }
  const remove = (key: Key) => ({ Delete: { TableName: table.name, Key: key } });
  return [
    {
      Delete: {
        TableName: table.name,
        Key: profileKey(user.userId),
        ConditionExpression: 'version = :version',
        ExpressionAttributeValues: { ':version': user.version },
      },
    },
    { Put: { TableName: table.name, Item: { ...erasingKey(user.userId), removal: randomUUID() } } },
    ...user.loginMethods.map((method) => remove(loginKey(user.userId, method.recipeUserId))),
    ...user.tenantIds.map((tenantId) => remove(memberKey(tenantId, user.userId))),
    ...[...lookups.values()].map((key) => ({
      Delete: {
        TableName: table.name,
        Key: key,
        ConditionExpression: 'attribute_not_exists(pk) OR userId = :me',
        ExpressionAttributeValues: { ':me': user.userId },
      },
    })),
  ];
}
