import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { GUESSES_BEFORE_LOCK } from '../limits.ts';
import type { Budget, BudgetOutcome, BudgetStore, Keyring } from '../ports.ts';
import { type Key, limitKey } from './keys.ts';
import { ifConditionHolds, type Item, type Table } from './table-client.ts';

/** Wrong guesses in a row before a lock. @see security.md §1.9 */
const ALLOWANCE = GUESSES_BEFORE_LOCK;
/** Wrong guesses in a row, over all locks, before the factor is disabled. @see NIST SP 800-63B-4 §3.2.2 */
const CAP = 100;
const FIRST_PENALTY_MS = 15 * 60_000;
const LONGEST_PENALTY_MS = 24 * 3_600_000;
const LIFE_SECONDS = 30 * 86_400;

/** Doubling from 15 minutes to a day. */
const penalty = (locks: number): number => Math.min(FIRST_PENALTY_MS * 2 ** Math.min(locks, 10), LONGEST_PENALTY_MS);

export const budgetKey = async (keys: Pick<Keyring, 'secrets'>, { scope, tenantId, subject }: Budget): Promise<Key> =>
  limitKey(scope, (await keys.secrets()).index(`limit/${scope}`, tenantId, subject), 'life');

/** What a right code does to a budget; goes into the transaction that uses the code. */
export const budgetReset = (table: Table, key: Key, now: number) => ({
  Update: {
    TableName: table.name,
    Key: key,
    UpdateExpression: 'SET allowance = :full, consecutive = :zero, lockCount = :zero, deadBefore = :now, #ttl = :ttl',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: { ':full': ALLOWANCE, ':zero': 0, ':now': now, ':ttl': ttlOf(now) },
  },
});

/** What a count says for good: a lock that passes says nothing. */
export const standingOf = (seen: Item | undefined): 'none' | 'some' | 'over' =>
  seen === undefined ? 'none' : isOver(seen) ? 'over' : 'some';

const isOver = (seen: Item): boolean => Number(seen['consecutive'] ?? 0) >= CAP;

/** When a lock ends, of a count that is used up. */
const opensAtOf = (seen: Item): number => Number(seen['lastAt']) + penalty(Number(seen['lockCount'] ?? 0));

const ttlOf = (now: number): number => Math.floor(now / 1000) + LIFE_SECONDS;

/**
 * The lock is part of the claiming write's condition, so N parallel guesses cannot overshoot it and no second write is
 * needed to lock. A refused claim prolongs nothing.
 */
export function dynamoBudgets(table: Table, keys: Pick<Keyring, 'secrets'>): BudgetStore {
  const update = (
    key: Key,
    expression: string,
    condition: string,
    values: Readonly<Record<string, unknown>>,
    names?: Readonly<Record<string, string>>,
  ) =>
    ifConditionHolds(
      table.db.send(
        new UpdateCommand({
          TableName: table.name,
          Key: key,
          UpdateExpression: expression,
          ConditionExpression: condition,
          ExpressionAttributeValues: values,
          ...(names === undefined ? {} : { ExpressionAttributeNames: names }),
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    );

  const spend = (key: Key, now: number) =>
    update(
      key,
      'SET consecutive = if_not_exists(consecutive, :zero) + :one, ' +
        'allowance = if_not_exists(allowance, :full) - :one, lastAt = :now, #ttl = :ttl',
      '(attribute_not_exists(allowance) OR allowance > :zero) AND (attribute_not_exists(consecutive) OR consecutive < :cap)',
      { ':zero': 0, ':one': 1, ':full': ALLOWANCE, ':now': now, ':cap': CAP, ':ttl': ttlOf(now) },
      { '#ttl': 'ttl' },
    );

  /** The penalty is over: a new allowance, one of it spent at once. Only one of any number of parallel calls does it. */
  const reopen = (key: Key, seen: Item, now: number) =>
    update(
      key,
      'SET allowance = :rest, lockCount = if_not_exists(lockCount, :zero) + :one, consecutive = consecutive + :one, lastAt = :now',
      'allowance = :zero AND lastAt = :seen AND consecutive < :cap',
      { ':rest': ALLOWANCE - 1, ':zero': 0, ':one': 1, ':now': now, ':seen': seen['lastAt'], ':cap': CAP },
    );

  const allowed = (item: Item | undefined): BudgetOutcome => ({
    allowed: true,
    left: Number(item?.['allowance'] ?? 0),
    deadBefore: Number(item?.['deadBefore'] ?? 0),
  });

  const read = async (budget: Budget): Promise<Item> => {
    const key = await budgetKey(keys, budget);
    const found = await table.db.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
    return found.Item ?? {};
  };

  return {
    async claim(budget, now) {
      const key = await budgetKey(keys, budget);
      const first = await spend(key, now);
      if (first.done) return allowed(first.output.Attributes);
      const seen = first.item ?? {};
      if (isOver(seen)) return { allowed: false, reason: 'disabled' };
      const opensAt = opensAtOf(seen);
      if (now < opensAt) return { allowed: false, reason: 'locked', retryAfterMs: opensAt - now };
      const reopened = await reopen(key, seen, now);
      if (reopened.done) return allowed(reopened.output.Attributes);
      const again = await spend(key, now);
      if (again.done) return allowed(again.output.Attributes);
      return { allowed: false, reason: 'locked', retryAfterMs: penalty(Number(again.item?.['lockCount'] ?? 0)) };
    },

    async giveBack(budget) {
      await update(
        await budgetKey(keys, budget),
        'SET allowance = allowance + :one, consecutive = consecutive - :one',
        'allowance < :full AND consecutive > :zero',
        { ':one': 1, ':full': ALLOWANCE, ':zero': 0 },
      );
    },

    async deadBefore(budget) {
      return Number((await read(budget))['deadBefore'] ?? 0);
    },

    async isOpen(budget, now) {
      const seen = await read(budget);
      if (isOver(seen)) return false;
      return Number(seen['allowance'] ?? ALLOWANCE) > 0 || now >= opensAtOf(seen);
    },

    async retire(budget, time) {
      await update(
        await budgetKey(keys, budget),
        'SET deadBefore = :time, #ttl = if_not_exists(#ttl, :ttl)',
        'attribute_not_exists(deadBefore) OR deadBefore < :time',
        { ':time': time, ':ttl': ttlOf(time) },
        { '#ttl': 'ttl' },
      );
    },
  };
}
