import { addressOf, contactKindOf, contactOf, primaryKind } from '../account/contact-kind.ts';
import type { FactorReset } from '../admin/reset-factors.ts';
import type { Keyring } from '../ports.ts';
import { auditPut } from './audit.ts';
import { budgetKey, budgetReset } from './budgets.ts';
import { backupCodesKey, type Key, loginKey, lookupKey, profileKey, rememberedKey, totpKey } from './keys.ts';
import { type Table, transact } from './table-client.ts';

/** One transaction, guarded by the user's version. @returns false when the user changed meanwhile. */
export async function resetFactors(table: Table, keys: Pick<Keyring, 'secrets'>, reset: FactorReset): Promise<boolean> {
  const { user, methods, owed, budgets, audit } = reset;
  const { userId } = user;
  const remove = (key: Key) => ({ Delete: { TableName: table.name, Key: key } });
  const outcome = await transact(table, [
    {
      Update: {
        TableName: table.name,
        Key: profileKey(userId),
        UpdateExpression: `SET epoch = epoch + :one, version = version + :one${
          owed.length > 0 ? ', owedFactors = :owed' : ' REMOVE owedFactors'
        }`,
        ConditionExpression: 'epoch = :epoch AND version = :version',
        ExpressionAttributeValues: {
          ':one': 1,
          ':epoch': user.epoch,
          ':version': user.version,
          ...(owed.length > 0 ? { ':owed': owed } : {}),
        },
      },
    },
    ...(user.totpDevices ?? []).map(({ name }) => remove(totpKey(userId, name))),
    remove(backupCodesKey(userId)),
    ...(user.devices ?? []).map(({ id }) => remove(rememberedKey(userId, id))),
    ...methods.map(({ recipeUserId }) => remove(loginKey(userId, recipeUserId))),
    ...(await lookupsOf(keys, reset)).map((key) => ({
      Delete: {
        TableName: table.name,
        Key: key,
        ConditionExpression: 'attribute_not_exists(pk) OR userId = :me',
        ExpressionAttributeValues: { ':me': userId },
      },
    })),
    ...(await Promise.all(budgets.map(async (budget) => budgetReset(table, await budgetKey(keys, budget), audit.at)))),
    { Put: auditPut(table, audit) },
  ]);
  return outcome.done;
}

/** By which the methods that go were found; an address that one of those that stay has too stays claimed. */
export async function lookupsOf(
  keys: Pick<Keyring, 'secrets'>,
  { user, methods }: Pick<FactorReset, 'user' | 'methods'>,
): Promise<readonly Key[]> {
  const secrets = await keys.secrets();
  const stays = user.loginMethods.filter((method) => !methods.includes(method));
  const lookups = new Map<string, Key>();
  for (const method of methods) {
    const isShared = stays.some((other) => addressOf(other) === addressOf(method));
    const kinds = [contactKindOf(method), ...(user.isPrimary && !isShared ? [primaryKind(method)] : [])];
    for (const tenantId of method.tenantIds) {
      for (const kind of kinds) {
        const key = lookupKey(tenantId, secrets.index(kind, tenantId, contactOf(method)));
        lookups.set(key.pk, key);
      }
    }
  }
  return [...lookups.values()];
}
