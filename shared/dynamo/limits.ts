import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Keyring, Limit, LimitOutcome, LimitStore } from '../ports.ts';
import { type Key, limitKey } from './keys.ts';
import { attemptIn, claimOf, entryOf, hasFilled, isFull, LONGEST_REQUEST_MS } from './spread.ts';
import { ifConditionHolds, type Item, type Table, ttlAfter } from './table-client.ts';

/**
 * Fixed windows, one conditional write: the item is the longest window, shorter ones are attributes in it.
 *
 * The condition names every window, so an event is counted in all of them or in none, and N parallel events cannot
 * pass a limit of M < N.
 */
export function dynamoLimits(table: Table, keys: Pick<Keyring, 'secrets'>): LimitStore {
  const locate = async (limit: Limit, now: number) => {
    const secrets = await keys.secrets();
    const [longest] = limit.windows.at(-1)!;
    const index = secrets.index(`limit/${limit.scope}`, limit.tenantId, limit.subject);
    const { among } = limit;
    return {
      key: limitKey(limit.scope, index, `${longest}-${Math.floor(now / 1000 / longest)}`),
      among:
        among === undefined
          ? undefined
          : {
              who: secrets.index(`limit/${limit.scope}/among`, limit.tenantId, among.subject).slice(0, 16),
              max: among.max,
              endsAt: (Math.floor(now / 1000 / longest) + 1) * longest * 1000,
            },
      counters: [
        ...limit.windows.map(([seconds, max]) => ({
          name: seconds === longest ? 'n' : `w${seconds}_${Math.floor(now / 1000 / seconds)}`,
          max,
          endsAt: (Math.floor(now / 1000 / seconds) + 1) * seconds * 1000,
        })),
        ...(limit.per === undefined
          ? []
          : [
              {
                name: `p_${secrets.index(`limit/${limit.scope}/per`, limit.tenantId, limit.per.subject).slice(0, 16)}`,
                max: limit.per.max,
                endsAt: (Math.floor(now / 1000 / longest) + 1) * longest * 1000,
              },
            ]),
      ],
    };
  };

  /** Puts right what a try left in the item; the item as it was comes back. */
  const change = (key: Key, expression: string, sets: Readonly<Record<string, readonly string[]>>) =>
    ifConditionHolds(
      table.db.send(
        new UpdateCommand({
          TableName: table.name,
          Key: key,
          UpdateExpression: expression,
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: Object.fromEntries(
            Object.entries(sets).map(([name, members]) => [name, new Set(members)]),
          ),
          ReturnValues: 'ALL_OLD',
        }),
      ),
    );

  return {
    async spend(limit, now, keepTrail = false) {
      const { key, counters, among } = await locate(limit, now);
      const claim = among === undefined ? undefined : claimOf(among.who, among.max, now);
      const amount = limit.amount ?? 1;
      // An absent counter stands for zero, and even the first event may be too much.
      const never = counters.filter(({ max }) => amount > max);
      if (never.length > 0) return refused(never, now);
      const outcome = await ifConditionHolds(
        table.db.send(
          new UpdateCommand({
            TableName: table.name,
            Key: key,
            UpdateExpression: [
              'SET #ttl = if_not_exists(#ttl, :ttl)',
              ...(keepTrail ? [', trail = list_append(if_not_exists(trail, :empty), :event)'] : []),
              ` ADD ${counters.map((_, i) => `#c${i} :amount`).join(', ')}`,
              claim?.adds ?? '',
            ].join(''),
            ConditionExpression:
              counters.map((_, i) => `(attribute_not_exists(#c${i}) OR #c${i} <= :max${i})`).join(' AND ') +
              (claim?.condition ?? ''),
            ExpressionAttributeNames: {
              '#ttl': 'ttl',
              ...Object.fromEntries(counters.map(({ name }, i) => [`#c${i}`, name])),
            },
            ExpressionAttributeValues: {
              ':amount': amount,
              ':ttl': ttlAfter(Math.max(...counters.map(({ endsAt }) => endsAt))),
              ...(keepTrail ? { ':empty': [], ':event': [now] } : {}),
              ...Object.fromEntries(counters.map(({ max }, i) => [`:max${i}`, max - amount])),
              ...claim?.values,
            },
            ...(keepTrail || among !== undefined ? { ReturnValues: 'ALL_NEW' as const } : {}),
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      if (!outcome.done) {
        const full = counters.filter(({ name, max }) => Number(outcome.item?.[name] ?? 0) > max - amount);
        const spread = among !== undefined && isFull(outcome.item, among.who, among.max) ? [among] : [];
        return refused([...full, ...spread], now);
      }
      const trail = trailOf(outcome.output.Attributes);
      if (among === undefined) return { allowed: true, trail };
      const attempt = attemptIn(outcome.output.Attributes, among.who, among.max, now);
      if (attempt !== undefined) return { allowed: true, trail, attempt };
      await change(key, 'DELETE tried :over', { ':over': [entryOf(among.who, now)] });
      return { allowed: false, retryAfterMs: LONGEST_REQUEST_MS };
    },

    async settle(limit, attempt, passed, now) {
      if (passed && attempt.isTidy) return false;
      const { key, among } = await locate(limit, now);
      if (among === undefined) return false;
      const sets = { ':over': attempt.over, ':who': [among.who] };
      if (passed) {
        await change(key, 'DELETE tried :over, failed :who', sets);
        return false;
      }
      const outcome = await change(key, 'ADD failed :who DELETE tried :over', sets);
      return outcome.done && hasFilled(outcome.output.Attributes, among.who, among.max);
    },

    async spendDistinct(limit, value, now) {
      const { key, counters } = await locate(limit, now);
      const { max, endsAt } = counters.find(({ name }) => name === 'n')!;
      const outcome = await ifConditionHolds(
        table.db.send(
          new UpdateCommand({
            TableName: table.name,
            Key: key,
            UpdateExpression: 'SET #ttl = if_not_exists(#ttl, :ttl) ADD seen :values',
            ConditionExpression: 'attribute_not_exists(seen) OR contains(seen, :value) OR size(seen) < :max',
            ExpressionAttributeNames: { '#ttl': 'ttl' },
            ExpressionAttributeValues: {
              ':values': new Set([value]),
              ':value': value,
              ':max': max,
              ':ttl': ttlAfter(endsAt),
            },
          }),
        ),
      );
      return outcome.done ? { allowed: true, trail: [] } : refused([{ endsAt }], now);
    },

    async refund(limit, now) {
      const { key, counters } = await locate(limit, now);
      await ifConditionHolds(
        table.db.send(
          new UpdateCommand({
            TableName: table.name,
            Key: key,
            UpdateExpression: `ADD ${counters.map((_, i) => `#c${i} :minus`).join(', ')}`,
            ConditionExpression: counters.map((_, i) => `#c${i} >= :amount`).join(' AND '),
            ExpressionAttributeNames: Object.fromEntries(counters.map(({ name }, i) => [`#c${i}`, name])),
            ExpressionAttributeValues: { ':minus': -(limit.amount ?? 1), ':amount': limit.amount ?? 1 },
          }),
        ),
      );
    },
  };
}

/** Until every counter that was full begins anew. */
const refused = (full: readonly { readonly endsAt: number }[], now: number): LimitOutcome => ({
  allowed: false,
  retryAfterMs: Math.max(...full.map(({ endsAt }) => endsAt), now + 1000) - now,
});

const trailOf = (item: Item | undefined): readonly number[] => {
  const trail = item?.['trail'];
  return Array.isArray(trail) ? trail.filter((time): time is number => typeof time === 'number') : [];
};
