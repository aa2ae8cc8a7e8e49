import { createHash } from 'node:crypto';
import { addressOf, contactKindOf, contactOf, primaryKind } from '../account/contact-kind.ts';
import type { LoginMethod, User } from '../account/user.ts';
import type { Completion, CompletionOutcome, CompletionStore, ContactKind, Keyring, PrimaryKind } from '../ports.ts';
import type { Device } from '../otp/device.ts';
import { useBackupCode } from './backup-codes.ts';
import { budgetKey, budgetReset } from './budgets.ts';
import { claimStep, type Named, type Step } from './claims.ts';
import { deviceKey, loginKey, profileKey, sessionKey } from './keys.ts';
import { sessionOf } from './sessions.ts';
import { type Item, type Table, transact, ttlAfter } from './table-client.ts';
import { useStep } from './totp.ts';
import { deviceSteps } from './trusted-devices.ts';
import { loginItem, requiredFactorUpdate } from './users.ts';

/**
 * A completed factor in one transaction: the code is used, the session gains the factor and a new refresh token, the
 * address is linked to the user, the guess counts start anew. After any fault either all of it is there or nothing.
 */
export function dynamoCompletions(table: Table, keys: Pick<Keyring, 'secrets'>): CompletionStore {
  return {
    async complete(completion) {
      const steps = [
        { name: 'code', step: useProof(table, completion) },
        advanceSession(table, completion),
        ...(await linking(table, keys, completion)),
        ...deviceSteps(table, completion.user.userId, completion.session.device?.change).map((step): Named => ({
          name: 'device',
          step,
        })),
        ...settleOwed(table, completion),
        ...(completion.verifies === undefined ? [] : [verify(table, completion.user, completion.verifies)]),
        ...(completion.optIn
          ? [
              {
                name: 'opt-in',
                step: requiredFactorUpdate(table, completion.user.userId, completion.session.factor, true),
              },
            ]
          : []),
        ...(await Promise.all(
          completion.budgets.map(async (budget) => ({
            name: 'budget',
            step: budgetReset(table, await budgetKey(keys, budget), completion.now),
          })),
        )),
      ];
      const outcome = await transact(
        table,
        steps.map(({ step }) => step),
        createHash('sha256')
          .update(`${completion.requestId}|${nameOf(completion)}|${completion.session.from}`)
          .digest('hex')
          .slice(0, 36),
      );
      if (outcome.done) return { status: 'OK' };
      return refusal(steps, outcome.failed, outcome.items, completion);
    },
  };
}

/** Whatever was right is good only once: the condition decides among any number of parallel requests. */
function useProof(table: Table, completion: Completion): Step {
  if ('totp' in completion) return useStep(table, completion.user.userId, completion.totp);
  if ('backupCode' in completion) return useBackupCode(table, completion.user.userId, completion.backupCode);
  return useCode(table, completion.device, completion);
}

/** Tells one proof from another; the user's own are told apart by user and session already. */
const nameOf = (proof: Completion): string =>
  'totp' in proof
    ? `totp ${proof.totp.device.name} ${proof.totp.step}`
    : 'backupCode' in proof
      ? `backup-code ${proof.backupCode}`
      : proof.device.preAuthSessionId;

/** Uses a device's code, or its link. */
export const useCode = (
  table: Table,
  device: Device,
  { now, requestId }: Pick<Completion, 'now' | 'requestId'>,
): Step => ({
  Update: {
    TableName: table.name,
    Key: deviceKey(device.tenantId, device.preAuthSessionId),
    UpdateExpression: 'SET consumedAt = :now, consumedBy = :request',
    // The MAC as it was compared: a resend in between replaced the code that was right.
    ConditionExpression: 'attribute_not_exists(consumedAt) AND expiresAt > :now AND codeMac = :mac',
    ExpressionAttributeValues: { ':now': now, ':request': requestId, ':mac': device.codeMac },
  },
});

const advanceSession = (table: Table, { user, session, now }: Completion): Named => ({
  name: 'session',
  step: {
    Update: {
      TableName: table.name,
      Key: sessionKey(user.userId, session.handle),
      UpdateExpression:
        'SET completed.#factor = :at, parentTokenHash = :from, refreshTokenHash = :to, boundary = :true, ' +
        'generation = generation + :one, branch = :zero, rotatedAt = :now, fingerprint = :fp, idleExpiresAt = :idle' +
        (session.absoluteExpiresAt === undefined ? '' : ', absoluteExpiresAt = :absolute, #ttl = :ttl') +
        (session.device === undefined ? '' : ', device = :device'),
      ConditionExpression:
        'attribute_exists(pk) AND attribute_not_exists(revokedAt) AND epoch = :epoch ' +
        'AND absoluteExpiresAt > :now AND idleExpiresAt > :now AND refreshTokenHash = :from',
      ExpressionAttributeNames: {
        '#factor': session.factor,
        ...(session.absoluteExpiresAt === undefined ? {} : { '#ttl': 'ttl' }),
      },
      ExpressionAttributeValues: {
        ':at': session.completedAtSeconds,
        ':from': session.from,
        ':to': session.to,
        ':true': true,
        ':one': 1,
        ':zero': 0,
        ':now': now,
        ':fp': session.fingerprint,
        ':idle': session.idleExpiresAt,
        ...(session.absoluteExpiresAt === undefined
          ? {}
          : { ':absolute': session.absoluteExpiresAt, ':ttl': ttlAfter(session.absoluteExpiresAt) }),
        ...(session.device === undefined ? {} : { ':device': session.device.carried }),
        ':epoch': user.epoch,
      },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  },
});

/** Makes the session's user primary, claims every contact of it among primary users, and adds the new method. */
async function linking(
  table: Table,
  keys: Pick<Keyring, 'secrets'>,
  completion: Completion,
): Promise<readonly Named[]> {
  const { user, link } = completion;
  if (link === undefined || !('device' in completion)) return [];
  const { device } = completion;
  const secrets = await keys.secrets();
  const claim = (name: string, kind: ContactKind | PrimaryKind, value: string, method: LoginMethod): Named => ({
    name,
    step: claimStep(table, secrets, { kind, tenantId: device.tenantId, value, userId: user.userId, method }),
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
          UpdateExpression: 'SET isPrimary = :true, version = version + :one',
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

/** An owed factor was shown, and nothing is owed any more. Such a factor is the user's already: it links nothing. */
function settleOwed(table: Table, { user, session, link }: Completion): readonly Named[] {
  if (link !== undefined || user.owedFactors?.includes(session.factor) !== true) return [];
  return [
    {
      name: 'user',
      step: {
        Update: {
          TableName: table.name,
          Key: profileKey(user.userId),
          UpdateExpression: 'REMOVE owedFactors',
          ConditionExpression: 'epoch = :epoch',
          ExpressionAttributeValues: { ':epoch': user.epoch },
        },
      },
    },
  ];
}

const verify = (table: Table, user: User, method: LoginMethod): Named => ({
  name: 'user',
  step: {
    Update: {
      TableName: table.name,
      Key: loginKey(user.userId, method.recipeUserId),
      UpdateExpression: 'SET verified = :true',
      ConditionExpression: 'email = :email',
      ExpressionAttributeValues: { ':true': true, ':email': method.email },
    },
  },
});

function refusal(
  steps: readonly Named[],
  failed: readonly boolean[],
  items: readonly (Item | undefined)[],
  completion: Completion,
): CompletionOutcome {
  const names = steps.filter((_, i) => failed[i]).map(({ name }) => name);
  if (names.includes('code')) return { status: 'CODE_GONE' };
  // Whoever proved an address by code also holds it among primary users: 017 tells more than the 018 beside it.
  for (const code of ['ERR_CODE_019', 'ERR_CODE_017', 'ERR_CODE_018'] as const) {
    if (names.includes(code)) return { status: 'CONFLICT', code };
  }
  if (names.includes('session')) {
    const item = items[steps.findIndex(({ name }) => name === 'session')];
    if (item === undefined) return { status: 'SESSION_GONE' };
    const session = sessionOf(item);
    const moved = session.refreshTokenHash !== completion.session.from;
    const live =
      session.revokedAt === undefined &&
      session.epoch === completion.user.epoch &&
      session.absoluteExpiresAt > completion.now &&
      session.idleExpiresAt > completion.now;
    return live && moved ? { status: 'SESSION_MOVED', session } : { status: 'SESSION_GONE' };
  }
  return { status: 'USER_CHANGED' };
}
