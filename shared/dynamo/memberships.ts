import { addressOf, contactKindOf, contactOf, primaryKind } from '../account/contact-kind.ts';
import type { UserAdmin } from '../admin/users.ts';
import type { LoginMethod, User } from '../account/user.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { Keyring } from '../ports.ts';
import { type Key, loginKey, lookupKey, memberKey, profileKey, rememberedKey, rolesKey, tenantKey } from './keys.ts';
import { keptFor } from './claims.ts';
import { exemptionRemoval } from './exemptions.ts';
import { type Table, transact } from './table-client.ts';

/**
 * One user in several tenants. Each change is one transaction, guarded by the user's version; that no contact is two
 * accounts' in a tenant is guarded by the puts of its lookups.
 */
export function dynamoMemberships(table: Table, keys: Pick<Keyring, 'secrets'>): Pick<UserAdmin, 'join' | 'leave'> {
  const remove = (key: Key) => ({ Delete: { TableName: table.name, Key: key } });

  return {
    async join(user, methods, tenantId, now) {
      const claims = lookupsOf(await keys.secrets(), user, methods, tenantId).map(({ key, recipeUserId }) => ({
        Put: {
          TableName: table.name,
          Item: { ...key, userId: user.userId, recipeUserId },
          ConditionExpression: 'attribute_not_exists(pk) OR userId IN (:me, :kept) OR reservedUntil <= :now',
          ExpressionAttributeValues: { ':me': user.userId, ':kept': keptFor(user.userId), ':now': now },
        },
      }));
      const outcome = await transact(table, [
        ...claims,
        ...memberships(table, user, methods, (tenantIds) => [...new Set([...tenantIds, tenantId])]),
        { Put: { TableName: table.name, Item: { ...memberKey(tenantId, user.userId), joinedAt: now } } },
        ...(tenantId === 'public' ? [] : [exists(table, tenantKey(tenantId))]),
      ]);
      if (outcome.done) return 'OK';
      return outcome.failed.slice(0, claims.length).includes(true) ? 'TAKEN' : 'CHANGED';
    },

    async leave(user, tenantId) {
      const here = user.loginMethods.filter((method) => method.tenantIds.includes(tenantId));
      const devices = (user.devices ?? []).filter((device) => device.tenantId === tenantId);
      const outcome = await transact(table, [
        ...memberships(table, user, here, (tenantIds) => tenantIds.filter((id) => id !== tenantId)),
        ...lookupsOf(await keys.secrets(), user, here, tenantId).map(({ key }) => ({
          Delete: {
            TableName: table.name,
            Key: key,
            ConditionExpression: 'attribute_not_exists(pk) OR userId = :me',
            ExpressionAttributeValues: { ':me': user.userId },
          },
        })),
        remove(memberKey(tenantId, user.userId)),
        remove(rolesKey(user.userId, tenantId)),
        ...devices.map(({ id }) => remove(rememberedKey(user.userId, id))),
        ...(user.exemptions?.[tenantId] === undefined ? [] : [exemptionRemoval(table, user.userId, tenantId)]),
      ]);
      return outcome.done;
    },
  };
}

const exists = (table: Table, key: Key) => ({
  ConditionCheck: { TableName: table.name, Key: key, ConditionExpression: 'attribute_exists(pk)' },
});

/** The lists of tenants on profile and methods, while the user is as it was read. */
function memberships(
  table: Table,
  user: User,
  methods: readonly LoginMethod[],
  change: (tenantIds: readonly string[]) => readonly string[],
) {
  return [
    {
      Update: {
        TableName: table.name,
        Key: profileKey(user.userId),
        UpdateExpression: 'SET tenantIds = :tenants, version = version + :one',
        ConditionExpression: 'version = :version',
        ExpressionAttributeValues: { ':tenants': change(user.tenantIds), ':one': 1, ':version': user.version },
      },
    },
    ...methods.map(({ recipeUserId, tenantIds }) => ({
      Update: {
        TableName: table.name,
        Key: loginKey(user.userId, recipeUserId),
        UpdateExpression: 'SET tenantIds = :tenants',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':tenants': change(tenantIds) },
      },
    })),
  ];
}

/** What methods are found by in a tenant: each its contact, and of a primary user its address among those as well. */
function lookupsOf(secrets: Secrets, user: User, methods: readonly LoginMethod[], tenantId: string) {
  const lookups = new Map<string, { readonly key: Key; readonly recipeUserId: string }>();
  for (const method of methods) {
    for (const [kind, value] of [
      [contactKindOf(method), contactOf(method)] as const,
      ...(user.isPrimary ? [[primaryKind(method), addressOf(method)] as const] : []),
    ]) {
      const key = lookupKey(tenantId, secrets.index(kind, tenantId, value));
      if (value !== '' && !lookups.has(key.pk)) lookups.set(key.pk, { key, recipeUserId: method.recipeUserId });
    }
  }
  return [...lookups.values()];
}
