import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { contactKindOf, contactOf } from '../account/contact-kind.ts';
import type { LoginMethod, User } from '../account/user.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { ContactKind, Keyring, PrimaryKind, UserStore } from '../ports.ts';
import { backupCodesOf } from './backup-codes.ts';
import { factorsOf, strings } from './factors-item.ts';
import { loginKey, lookupKey, memberKey, profileKey, REMEMBERED_SK, SESSION_SK, userPk } from './keys.ts';
import { requiredFactorsUpdate } from './required-factors.ts';
import { ifConditionHolds, type Item, jsonOf, type Table, transact } from './table-client.ts';
import { useToken } from './token-steps.ts';
import { totpDevicesOf } from './totp.ts';
import { rememberedOf } from './trusted-devices.ts';

const Profile = v.object({
  userId: v.string(),
  status: v.picklist(['active', 'disabled']),
  epoch: v.number(),
  version: v.number(),
  isPrimary: v.boolean(),
  timeJoined: v.number(),
  tenantIds: strings,
  metadata: v.optional(v.record(v.string(), v.unknown()), {}),
  owedFactors: v.exactOptional(strings),
});

const Login = v.object({
  recipeUserId: v.string(),
  recipeId: v.picklist(['emailpassword', 'passwordless', 'thirdparty']),
  email: v.exactOptional(v.string()),
  phoneNumber: v.exactOptional(v.string()),
  thirdParty: v.exactOptional(v.object({ id: v.string(), userId: v.string() })),
  verified: v.boolean(),
  timeJoined: v.number(),
  tenantIds: strings,
  passwordHash: v.exactOptional(v.string()),
});

export const loginItem = (userId: string, method: LoginMethod): Item => ({
  ...loginKey(userId, method.recipeUserId),
  ...method,
});

export const profileItem = (user: User): Item => ({
  ...profileKey(user.userId),
  userId: user.userId,
  status: user.status,
  epoch: user.epoch,
  version: user.version,
  isPrimary: user.isPrimary,
  timeJoined: user.timeJoined,
  tenantIds: user.tenantIds,
  metadata: user.metadata,
  ...(user.owedFactors === undefined ? {} : { owedFactors: user.owedFactors }),
});

/** @throws when an item does not parse: a stored user that cannot be read is a defect, and never signs in. */
export function userOf(items: readonly Item[]): User | undefined {
  const profile = items.find((item) => item['sk'] === 'PROFILE');
  if (profile === undefined) return undefined;
  const withSk = (prefix: string) => items.filter((item) => String(item['sk']).startsWith(prefix));
  const devices = withSk(REMEMBERED_SK).map(rememberedOf);
  return {
    ...v.parse(Profile, { ...profile, metadata: jsonOf(profile['metadata']) }),
    loginMethods: withSk('LOGIN#')
      .map((item) => v.parse(Login, item))
      .toSorted((a, b) => a.timeJoined - b.timeJoined),
    roles: Object.fromEntries(
      withSk('ROLES#').map((item) => [
        String(item['sk']).slice('ROLES#'.length),
        v.parse(strings, item['roles'] ?? []),
      ]),
    ),
    ...factorsOf(items.find((item) => item['sk'] === 'FACTORS')),
    ...totpDevicesOf(items),
    ...backupCodesOf(items),
    ...(devices.length === 0 ? {} : { devices }),
  };
}

/** What an account with one method is made of: lookups first. */
export function accountPuts(table: Table, secrets: Secrets, user: User, method: LoginMethod) {
  const isNew = 'attribute_not_exists(pk)';
  const put = (item: Item) => ({ Put: { TableName: table.name, Item: item, ConditionExpression: isNew } });
  const claim = (item: Item) => ({
    Put: {
      TableName: table.name,
      Item: item,
      // Or it was kept for somebody who might have wanted it back, and is not any more.
      ConditionExpression: `${isNew} OR reservedUntil <= :now`,
      ExpressionAttributeValues: { ':now': user.timeJoined },
    },
  });
  const { userId } = user;
  return [
    ...method.tenantIds.map((tenantId) =>
      claim({
        ...lookupKey(tenantId, secrets.index(contactKindOf(method), tenantId, contactOf(method))),
        userId,
        recipeUserId: method.recipeUserId,
      }),
    ),
    put(profileItem(user)),
    put(loginItem(userId, method)),
    ...user.tenantIds.map((tenantId) => put({ ...memberKey(tenantId, userId), joinedAt: user.timeJoined })),
  ];
}

export function dynamoUsers(table: Table, keys: Pick<Keyring, 'secrets'>): UserStore {
  const lookup = async (kind: ContactKind | PrimaryKind, tenantId: string, value: string) =>
    lookupKey(tenantId, (await keys.secrets()).index(kind, tenantId, value));

  return {
    async byContact(kind, tenantId, value) {
      const found = await table.db.send(
        new GetCommand({ TableName: table.name, Key: await lookup(kind, tenantId, value), ConsistentRead: true }),
      );
      // One that is kept for somebody who may want it back is nobody's.
      return found.Item === undefined || found.Item['reservedUntil'] !== undefined
        ? undefined
        : { userId: v.parse(v.string(), found.Item['userId']) };
    },

    async load(userId) {
      const found = await table.db.send(
        new QueryCommand({
          TableName: table.name,
          KeyConditionExpression: 'pk = :pk AND sk < :sessions',
          ExpressionAttributeValues: { ':pk': userPk(userId), ':sessions': SESSION_SK },
          ConsistentRead: true,
        }),
      );
      return userOf(found.Items ?? []);
    },

    async create(user, method, using) {
      const outcome = await transact(table, [
        ...(using === undefined ? [] : [useToken(table, using, user.timeJoined)]),
        ...accountPuts(table, await keys.secrets(), user, method),
      ]);
      return outcome.done;
    },

    async replacePasswordHash(userId, method, passwordHash) {
      await ifConditionHolds(
        table.db.send(
          new UpdateCommand({
            TableName: table.name,
            Key: loginKey(userId, method.recipeUserId),
            UpdateExpression: 'SET passwordHash = :new',
            ConditionExpression: 'passwordHash = :old',
            ExpressionAttributeValues: { ':new': passwordHash, ':old': method.passwordHash },
          }),
        ),
      );
    },

    async setRequiredFactor(userId, factor, required) {
      const outcome = await transact(table, [
        {
          ConditionCheck: {
            TableName: table.name,
            Key: profileKey(userId),
            ConditionExpression: 'attribute_exists(pk)',
          },
        },
        requiredFactorsUpdate(table, userId, [factor], required),
      ]);
      return outcome.done;
    },

    startGrace: async (...start) => (await import('./grace.ts')).startGrace(table, ...start),
  };
}
