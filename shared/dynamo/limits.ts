import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Keyring, Limit, LimitOutcome, LimitStore } from '../ports.ts';
import { limitKey } from './keys.ts';
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
    return {
      key: limitKey(limit.scope, index, `${longest}-${Math.floor(now / 1000 / longest)}`),
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

  return {
    async spend(limit, now, keepTrail = false) {
      const { key, counters } = await locate(limit, now);
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
            ].join(''),
            ConditionExpression: counters
              .map((_, i) => `(attribute_not_exists(#c${i}) OR #c${i} <= :max${i})`)
              .join(' AND '),
            ExpressionAttributeNames: {
              '#ttl': 'ttl',
              ...Object.fromEntries(counters.map(({ name }, i) => [`#c${i}`, name])),
            },
            ExpressionAttributeValues: {
              ':amount': amount,
              ':ttl': ttlAfter(Math.max(...counters.map(({ endsAt }) => endsAt))),
              ...(keepTrail ? { ':empty': [], ':event': [now] } : {}),
              ...Object.fromEntries(counters.map(({ max }, i) => [`:max${i}`, max - amount])),
            },
            ...(keepTrail ? { ReturnValues: 'ALL_NEW' as const } : {}),
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      if (outcome.done) return { allowed: true, trail: trailOf(outcome.output.Attributes) };
      const full = counters.filter(({ name, max }) => Number(outcome.item?.[name] ?? 0) > max - amount);
      return refused(full, now);
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
