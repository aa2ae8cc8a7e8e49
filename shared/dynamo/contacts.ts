import { addressOf, contactKindOf, primaryKind } from '../account/contact-kind.ts';
import type { LoginMethod } from '../account/user.ts';
import type { Keyring, ContactChange, ContactStore } from '../ports.ts';
import { budgetKey, budgetReset } from './budgets.ts';
import { keptFor } from './claims.ts';
import { useCode } from './proof.ts';
import { type Key, loginKey, lookupKey } from './keys.ts';
import { endSessions, keepSession } from './passwords.ts';
import { addRevert, putReverts, revertsOf } from './reverts.ts';
import { type Table, transact, ttlAfter } from './table-client.ts';
import { forgetTokens, useToken } from './token-steps.ts';

/**
 * Each change is one transaction. Its two guards are the user's version, so that of two changes at once one is turned
 * down, and the puts of the new lookups, so that no contact is two accounts'.
 */
export function dynamoContacts(table: Table, keys: Pick<Keyring, 'secrets'>): ContactStore {
  return {
    async change(change) {
      const { user, device, handle, now, revert, budgets } = change;
      const reverts = revert === undefined ? [] : addRevert(table, await revertsOf(table, user.userId), revert, now);
      const lookups = await movedLookups(table, keys, change, revert?.expiresAt);
      const before = [
        useCode(table, device, change),
        endSessions(table, user),
        keepSession(table, user, handle, now),
        ...change.methods.map((method) => moveContact(table, change, method)),
      ];
      const outcome = await transact(table, [
        ...before,
        ...lookups.taken,
        ...lookups.left,
        ...reverts,
        forgetTokens(table, user.userId),
        ...(await Promise.all(budgets.map(async (budget) => budgetReset(table, await budgetKey(keys, budget), now)))),
      ]);
      if (outcome.done) return 'OK';
      if (outcome.failed[0] === true) return 'CODE_GONE';
      const isTaken = outcome.failed.slice(before.length, before.length + lookups.taken.length).includes(true);
      return isTaken ? 'TAKEN' : 'CHANGED';
    },

    async revert(change) {
      const { user, token, now, methods } = change;
      const reverts = await revertsOf(table, user.userId);
      const at = reverts.findIndex(({ hash }) => hash === token.hash);
      if (at < 0) return 'TOKEN_GONE';
      const lookups = await movedLookups(table, keys, change);
      const others = user.loginMethods.filter(
        ({ recipeId, recipeUserId }) =>
          recipeId === 'emailpassword' && methods.every((method) => method.recipeUserId !== recipeUserId),
      );
      const outcome = await transact(table, [
        useToken(table, token, now),
        putReverts(table, user.userId, reverts.slice(0, at), now),
        endSessions(table, user),
        ...methods.map((method) => moveContact(table, change, method, { verified: token.changed?.unproven !== true })),
        ...others.map(({ recipeUserId }) => ({
          Update: {
            TableName: table.name,
            Key: loginKey(user.userId, recipeUserId),
            UpdateExpression: 'REMOVE passwordHash',
            ConditionExpression: 'attribute_exists(pk)',
          },
        })),
        ...lookups.taken,
        ...lookups.left,
        forgetTokens(table, user.userId),
      ]);
      if (outcome.done) return 'OK';
      return outcome.failed[0] === true ? 'TOKEN_GONE' : 'CHANGED';
    },
  };
}

/** A new contact is proven by the code; one that comes back is as it was. */
const moveContact = (
  table: Table,
  { user, kind, from, to }: ContactChange,
  { recipeUserId }: LoginMethod,
  back?: { readonly verified: boolean },
) => ({
  Update: {
    TableName: table.name,
    Key: loginKey(user.userId, recipeUserId),
    UpdateExpression: `SET #contact = :to, verified = :verified${back === undefined ? '' : ' REMOVE passwordHash'}`,
    ConditionExpression: '#contact = :from',
    ExpressionAttributeNames: { '#contact': kind === 'email' ? 'email' : 'phoneNumber' },
    ExpressionAttributeValues: { ':to': to, ':from': from, ':verified': back?.verified ?? true },
  },
});

/** The lookups of the new contact, which must be free, and those of the old one, which go or are kept. */
async function movedLookups(
  table: Table,
  keys: Pick<Keyring, 'secrets'>,
  { user, methods, from, to, now }: ContactChange,
  keptUntil?: number,
) {
  const secrets = await keys.secrets();
  const taken = new Map<string, { readonly key: Key; readonly method: LoginMethod }>();
  const left = new Map<string, Key>();
  const stays = user.loginMethods.filter((method) => !methods.includes(method));
  for (const method of methods) {
    for (const tenantId of method.tenantIds) {
      const keyOf = (kind: string, value: string) => lookupKey(tenantId, secrets.index(kind, tenantId, value));
      const kinds = [contactKindOf(method), ...(user.isPrimary ? [primaryKind(method)] : [])];
      for (const kind of kinds) {
        taken.set(keyOf(kind, to).pk, { key: keyOf(kind, to), method });
        // A method that stays (a provider's) may hold the old address among primary users.
        const isShared = kind === primaryKind(method) && stays.some((other) => addressOf(other) === from);
        if (!isShared) left.set(keyOf(kind, from).pk, keyOf(kind, from));
      }
    }
  }
  const mine = { ':me': user.userId };
  return {
    taken: [...taken.values()].map(({ key, method }) => ({
      Put: {
        TableName: table.name,
        Item: { ...key, userId: user.userId, recipeUserId: method.recipeUserId },
        ConditionExpression: 'attribute_not_exists(pk) OR userId = :me OR userId = :kept OR reservedUntil <= :now',
        ExpressionAttributeValues: { ...mine, ':kept': keptFor(user.userId), ':now': now },
      },
    })),
    left: [...left.values()].map((key) =>
      keptUntil === undefined
        ? {
            Delete: {
              TableName: table.name,
              Key: key,
              ConditionExpression: 'userId = :me',
              ExpressionAttributeValues: mine,
            },
          }
        : {
            Put: {
              TableName: table.name,
              Item: {
                ...key,
                userId: keptFor(user.userId),
                reservedUntil: keptUntil,
                ttl: ttlAfter(keptUntil),
              },
              ConditionExpression: 'userId = :me',
              ExpressionAttributeValues: mine,
            },
          },
    ),
  };
}
