import { createHash } from 'node:crypto';
import type { LoginMethod, User } from '../account/user.ts';
import type { Completion, CompletionOutcome, CompletionStore, Keyring } from '../ports.ts';
import { auditPut } from './audit.ts';
import { budgetKey, budgetReset } from './budgets.ts';
import { loginKey, profileKey, sessionKey } from './keys.ts';
import type { Named } from './claims.ts';
import { absorbing, linking } from './linking.ts';
import { proofName, useProof } from './proof.ts';
import { sessionOf } from './sessions.ts';
import { type Item, type Table, transact, ttlAfter } from './table-client.ts';
import { deviceSteps } from './device-steps.ts';
import { requiredFactorsUpdate } from './required-factors.ts';

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
        ...absorbing(table, completion),
        ...deviceSteps(table, completion.user.userId, completion.session.device?.change).map((step): Named => ({
          name: 'device',
          step,
        })),
        ...settleOwed(table, completion),
        ...[...(completion.audit ?? []), ...decisionOf(completion)].map((event): Named => ({
          name: 'audit',
          step: { Put: auditPut(table, event) },
        })),
        ...(completion.verifies === undefined ? [] : [verify(table, completion.user, completion.verifies)]),
        ...(completion.optIn
          ? [
              {
                name: 'opt-in',
                step: requiredFactorsUpdate(table, completion.user.userId, [completion.session.factor], true, {
                  at: completion.now,
                }),
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
          .update(
            [completion.requestId, proofName(completion), completion.session.from, completion.absorbs?.userId].join(
              '|',
            ),
          )
          .digest('hex')
          .slice(0, 36),
      );
      if (outcome.done) return { status: 'OK' };
      return refusal(steps, outcome.failed, outcome.items, completion);
    },
  };
}

const decisionOf = ({ session: { decision } }: Completion) => (decision === undefined ? [] : [decision]);

const advanceSession = (table: Table, { user, session, now }: Completion): Named => ({
  name: 'session',
  step: {
    Update: {
      TableName: table.name,
      Key: sessionKey(user.userId, session.handle),
      UpdateExpression:
        'SET completed.#factor = :at, parentTokenHash = :from, refreshTokenHash = :to, boundary = :true, ' +
        'generation = generation + :one, branch = :zero, rotatedAt = :now, fingerprint = :fp, idleExpiresAt = :idle, ' +
        'satisfied = :satisfied' +
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
        ':satisfied': session.satisfied,
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

/** Nothing is owed any more. Where a method is linked as well, that step does it: one item, one step. */
function settleOwed(table: Table, { user, session, link }: Completion): readonly Named[] {
  if (link !== undefined || session.settlesOwed !== true) return [];
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
