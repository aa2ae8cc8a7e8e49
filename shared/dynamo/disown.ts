import { factorsSetUp, type User } from '../account/user.ts';
import { isNothing, namesOf, type Undo } from '../notices/undo.ts';
import type { Keyring, RedeemOutcome } from '../ports.ts';
import { auditPut } from './audit.ts';
import { lookupSteps } from './factor-reset.ts';
import { backupCodesKey, loginKey, profileKey, totpKey } from './keys.ts';
import { type Table, transact } from './table-client.ts';
import { forgetTokens } from './token-steps.ts';
import { requiredFactorsUpdate } from './required-factors.ts';

type Step = {
  readonly user: User;
  readonly epoch: number;
  readonly tenantId: string;
  readonly undo: Undo;
  readonly now: number;
};

/** Takes an account out of every hand. @see PasswordStore.disown */
export async function disown(table: Table, keys: Pick<Keyring, 'secrets'>, step: Step): Promise<RedeemOutcome> {
  const { user, epoch, tenantId, undo, now } = step;
  const { userId } = user;
  const undone = namesOf(undo);
  const outcome = await transact(table, [
    profileOf(table, step),
    ...user.loginMethods
      .filter((method) => method.recipeId === 'emailpassword' && !undo.methods.includes(method))
      .map(({ recipeUserId }) => ({
        Update: {
          TableName: table.name,
          Key: loginKey(userId, recipeUserId),
          UpdateExpression: 'REMOVE passwordHash',
          ConditionExpression: 'attribute_exists(pk)',
        },
      })),
    ...(await undoSteps(table, keys, step)),
    forgetTokens(table, userId),
    {
      Put: auditPut(table, {
        userId,
        tenantId,
        at: now,
        event: 'account.disowned',
        ...(undone.length === 0 ? {} : { details: { undone } }),
      }),
    },
  ]);
  if (outcome.done) return 'OK';
  return isNothing(undo) && Number(outcome.items[0]?.['disownedUntil'] ?? 0) > epoch ? 'TOKEN_GONE' : 'CHANGED';
}

/** The account is as it was read; what it still owes is something it still has. */
function profileOf(table: Table, { user, epoch, undo }: Step) {
  const left = factorsSetUp({
    ...user,
    loginMethods: user.loginMethods.filter((method) => !undo.methods.includes(method)),
    totpDevices: (user.totpDevices ?? []).filter((device) => !undo.apps.includes(device)),
  });
  const owed = (user.owedFactors ?? []).filter((factor) => left.includes(factor));
  const isOver = isNothing(undo) ? '(attribute_not_exists(disownedUntil) OR disownedUntil <= :told) AND ' : '';
  return {
    Update: {
      TableName: table.name,
      Key: profileKey(user.userId),
      UpdateExpression: `SET epoch = :next, disownedUntil = :next, version = version + :one${
        owed.length > 0 ? ', owedFactors = :owed' : ' REMOVE owedFactors'
      }`,
      ConditionExpression: `${isOver}epoch = :epoch AND version = :version AND #status = :active`,
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':next': user.epoch + 1,
        ':one': 1,
        ...(isOver === '' ? {} : { ':told': epoch }),
        ':epoch': user.epoch,
        ':version': user.version,
        ':active': 'active',
        ...(owed.length > 0 ? { ':owed': owed } : {}),
      },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    },
  };
}

/** Each thing is still the very one that was read. */
async function undoSteps(table: Table, keys: Pick<Keyring, 'secrets'>, { user, undo, now }: Step) {
  const { userId } = user;
  const { methods, apps, backupCodes, factors } = undo;
  return [
    ...methods.map(({ recipeUserId }) => ({
      Delete: {
        TableName: table.name,
        Key: loginKey(userId, recipeUserId),
        ConditionExpression: 'attribute_exists(pk)',
      },
    })),
    ...(await lookupSteps(table, keys, { user, methods })),
    ...apps.map(({ name, sealedSeed }) => ({
      Delete: {
        TableName: table.name,
        Key: totpKey(userId, name),
        ConditionExpression: 'sealedSeed = :seed',
        ExpressionAttributeValues: { ':seed': sealedSeed },
      },
    })),
    ...(backupCodes === undefined
      ? []
      : [
          {
            Delete: {
              TableName: table.name,
              Key: backupCodesKey(userId),
              ConditionExpression: 'createdAt = :at',
              ExpressionAttributeValues: { ':at': backupCodes.createdAt },
            },
          },
        ]),
    ...(factors === undefined
      ? []
      : [
          requiredFactorsUpdate(table, userId, Object.keys(factors.since), !factors.required, {
            at: now,
            since: factors.since,
          }),
        ]),
  ];
}
