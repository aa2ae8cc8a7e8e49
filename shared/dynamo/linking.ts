import { addressOf, contactKindOf, contactOf, primaryKind } from '../account/contact-kind.ts';
import type { LoginMethod } from '../account/user.ts';
import type { Completion, ContactKind, Keyring, PrimaryKind } from '../ports.ts';
import { claimStep, type Named } from './claims.ts';
import { factorsKey, type Key, loginKey, memberKey, profileKey } from './keys.ts';
import type { Table } from './table-client.ts';
import { loginItem } from './users.ts';

/**
 * Makes the session's user primary, claims every contact of it among primary users, and adds the new method.
 *
 * Uniqueness is these puts: a lookup that somebody else holds turns the whole transaction down. @see wire.md §13.2
 */
export async function linking(
  table: Table,
  keys: Pick<Keyring, 'secrets'>,
  completion: Completion,
): Promise<readonly Named[]> {
  const { user, link, session } = completion;
  if (link === undefined || !('device' in completion)) return [];
  const { device } = completion;
  const secrets = await keys.secrets();
  const claim = (name: string, kind: ContactKind | PrimaryKind, value: string, method: LoginMethod): Named => ({
    name,
    step: claimStep(table, secrets, {
      kind,
      tenantId: device.tenantId,
      value,
      userId: user.userId,
      method,
      from: completion.absorbs?.userId,
      now: completion.now,
    }),
  });
  const own = new Map(
    user.loginMethods
      .filter((method) => addressOf(method) !== '')
      .map((method) => [`${primaryKind(method)} ${addressOf(method)}`, method]),
  );
  // One address, one claim: where the new method brings what the user signs in with, it is the user's own that is taken.
  const isOwn = own.delete(`${primaryKind(link)} ${contactOf(link)}`);
  return [
    claim('ERR_CODE_017', contactKindOf(link), contactOf(link), link),
    claim(isOwn ? 'ERR_CODE_019' : 'ERR_CODE_018', primaryKind(link), contactOf(link), link),
    ...[...own.values()].map((method) => claim('ERR_CODE_019', primaryKind(method), addressOf(method), method)),
    {
      name: 'user',
      step: {
        Update: {
          TableName: table.name,
          Key: profileKey(user.userId),
          UpdateExpression: `SET isPrimary = :true, version = version + :one${session.settlesOwed === true ? ' REMOVE owedFactors' : ''}`,
          ConditionExpression: 'version = :version AND epoch = :epoch AND #status = :active',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: {
            ':true': true,
            ':one': 1,
            ':version': user.version,
            ':epoch': user.epoch,
            ':active': 'active',
          },
        },
      },
    },
    {
      name: 'user',
      step: {
        Put: {
          TableName: table.name,
          Item: loginItem(user.userId, link),
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      },
    },
  ];
}

/** The account that was the linked address and nothing else ceases to be; its sessions end with it. */
export function absorbing(table: Table, completion: Completion): readonly Named[] {
  const { absorbs: absorbed } = completion;
  if (absorbed === undefined) return [];
  const { userId } = absorbed;
  const remove = (key: Key): Named => ({ name: 'user', step: { Delete: { TableName: table.name, Key: key } } });
  return [
    {
      name: 'user',
      step: {
        Delete: {
          TableName: table.name,
          Key: profileKey(userId),
          ConditionExpression: 'version = :version AND epoch = :epoch AND isPrimary = :false',
          ExpressionAttributeValues: { ':version': absorbed.version, ':epoch': absorbed.epoch, ':false': false },
        },
      },
    },
    ...absorbed.loginMethods.map(({ recipeUserId }) => remove(loginKey(userId, recipeUserId))),
    ...absorbed.tenantIds.map((tenantId) => remove(memberKey(tenantId, userId))),
    remove(factorsKey(userId)),
  ];
}
