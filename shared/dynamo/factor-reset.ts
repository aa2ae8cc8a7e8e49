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
    ...(await lookupSteps(table, keys, reset)),
    ...(await Promise.all(budgets.map(async (budget) => budgetReset(table, await budgetKey(keys, budget), audit.at)))),
    { Put: auditPut(table, audit) },
  ]);
  return outcome.done;
}

/**
 * By which the methods that go were found. An address among primary users that one of those that stay has in the same
 * tenant is theirs from now on; any other is free.
 */
export async function lookupSteps(
  table: Table,
  keys: Pick<Keyring, 'secrets'>,
  { user, methods }: Pick<FactorReset, 'user' | 'methods'>,
) {
  const secrets = await keys.secrets();
  const stays = user.loginMethods.filter((method) => !methods.includes(method));
  const heirs = new Map<string, { readonly key: Key; readonly heir: string | undefined }>();
  for (const method of methods) {
    for (const tenantId of method.tenantIds) {
      const heir = stays.find((other) => addressOf(other) === addressOf(method) && other.tenantIds.includes(tenantId));
      const own = lookupKey(tenantId, secrets.index(contactKindOf(method), tenantId, contactOf(method)));
      heirs.set(own.pk, { key: own, heir: undefined });
      if (!user.isPrimary) continue;
      const address = lookupKey(tenantId, secrets.index(primaryKind(method), tenantId, addressOf(method)));
      heirs.set(address.pk, { key: address, heir: heir?.recipeUserId });
    }
  }
  return [...heirs.values()].map(({ key, heir }) =>
    heir === undefined ? freed(table, key, user.userId) : inherited(table, key, user.userId, heir),
  );
}

const freed = (table: Table, key: Key, userId: string) => ({
  Delete: {
    TableName: table.name,
    Key: key,
    ConditionExpression: 'attribute_not_exists(pk) OR userId = :me',
    ExpressionAttributeValues: { ':me': userId },
  },
});

const inherited = (table: Table, key: Key, userId: string, recipeUserId: string) => ({
  Update: {
    TableName: table.name,
    Key: key,
    UpdateExpression: 'SET recipeUserId = :heir',
    ConditionExpression: 'userId = :me',
    ExpressionAttributeValues: { ':heir': recipeUserId, ':me': userId },
  },
});
