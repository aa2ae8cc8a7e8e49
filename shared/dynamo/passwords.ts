import { contactKindOf, contactOf } from '../account/contact-kind.ts';
import type { LoginMethod, User } from '../account/user.ts';
import type { FactorId } from '../mfa/factor.ts';
import type { Keyring, PasswordStore } from '../ports.ts';
import { auditPut } from './audit.ts';
import { disown } from './disown.ts';
import { loginKey, lookupKey, profileKey, sessionKey } from './keys.ts';
import { type Table, transact } from './table-client.ts';
import { forgetTokens, useToken } from './token-steps.ts';

export function dynamoPasswords(table: Table, keys: Pick<Keyring, 'secrets'>): PasswordStore {
  return {
    async reset({ token, user, method, passwordHash, owed, removes, audit, now }) {
      const outcome = await transact(table, [
        useToken(table, token, now),
        forgetTokens(table, user.userId, token),
        endSessions(table, user, owed),
        setPassword(table, user, method, passwordHash),
        ...(await removals(table, keys, user, removes)),
        { Put: auditPut(table, audit) },
      ]);
      if (outcome.done) return 'OK';
      return outcome.failed[0] === true || outcome.failed[1] === true ? 'TOKEN_GONE' : 'CHANGED';
    },

    async change({ user, method, handle, passwordHash, now }) {
      const outcome = await transact(table, [
        endSessions(table, user, []),
        keepSession(table, user, handle, now),
        setPassword(table, user, method, passwordHash),
        forgetTokens(table, user.userId),
      ]);
      return outcome.done;
    },

    disown: (step) => disown(table, keys, step),
  };
}

/** The account is as it was read; all its sessions are over. */
export const endSessions = (table: Table, user: User, owed: readonly FactorId[] = user.owedFactors ?? []) => ({
  Update: {
    TableName: table.name,
    Key: profileKey(user.userId),
    UpdateExpression: `SET epoch = epoch + :one, version = version + :one${
      owed.length > 0 ? ', owedFactors = :owed' : ' REMOVE owedFactors'
    }`,
    ConditionExpression: 'epoch = :epoch AND version = :version AND #status = :active',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':one': 1,
      ':epoch': user.epoch,
      ':version': user.version,
      ':active': 'active',
      ...(owed.length > 0 ? { ':owed': owed } : {}),
    },
  },
});

/** All but this one, which must be alive. */
export const keepSession = (table: Table, user: User, handle: string, now: number) => ({
  Update: {
    TableName: table.name,
    Key: sessionKey(user.userId, handle),
    UpdateExpression: 'SET epoch = :next',
    ConditionExpression:
      'attribute_exists(pk) AND attribute_not_exists(revokedAt) AND epoch = :epoch AND absoluteExpiresAt > :now ' +
      'AND idleExpiresAt > :now',
    ExpressionAttributeValues: { ':next': user.epoch + 1, ':epoch': user.epoch, ':now': now },
  },
});

/** Whoever sets it has shown the old one, or reads the address: only the latter proves the address. */
const setPassword = (table: Table, user: User, method: LoginMethod, passwordHash: string) => ({
  Update: {
    TableName: table.name,
    Key: loginKey(user.userId, method.recipeUserId),
    UpdateExpression: 'SET passwordHash = :new, verified = :verified',
    ConditionExpression: 'email = :email',
    ExpressionAttributeValues: { ':new': passwordHash, ':verified': method.verified, ':email': method.email },
  },
});

/** Login methods that go, and the lookups by which they were found. */
async function removals(
  table: Table,
  keys: Pick<Keyring, 'secrets'>,
  { userId }: User,
  methods: readonly LoginMethod[],
) {
  if (methods.length === 0) return [];
  const secrets = await keys.secrets();
  return methods.flatMap((method) => [
    { Delete: { TableName: table.name, Key: loginKey(userId, method.recipeUserId) } },
    ...method.tenantIds.map((tenantId) => ({
      Delete: {
        TableName: table.name,
        Key: lookupKey(tenantId, secrets.index(contactKindOf(method), tenantId, contactOf(method))),
        ConditionExpression: 'attribute_not_exists(pk) OR userId = :me',
        ExpressionAttributeValues: { ':me': userId },
      },
    })),
  ]);
}
