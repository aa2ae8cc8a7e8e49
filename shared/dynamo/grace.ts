import type { UserStore } from '../ports.ts';
import { graceAttribute, graceOf } from './factors-item.ts';
import { factorsKey } from './keys.ts';
import { type Table, transact } from './table-client.ts';
import { userIsThere } from './user-is-there.ts';

/** An update expression holds 4 KB. */
const AT_ONCE = 40;

/**
 * One transaction for up to 40 rules, turned down where one of them stands already or the user is gone: of parallel ones
 * the first decides, all read what it wrote, and nothing is left of a user who was erased meanwhile.
 */
export async function startGrace(
  table: Table,
  ...[userId, tenantId, deadlines]: Parameters<UserStore['startGrace']>
): ReturnType<UserStore['startGrace']> {
  const wanted = Object.entries(deadlines);
  const standing = new Map<string, number>();
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    let missing = wanted.slice(at, at + AT_ONCE);
    while (missing.length > 0) {
      const outcome = await transact(table, steps(table, { userId, tenantId, missing }));
      if (!outcome.done && outcome.failed[0] === true) return undefined;
      const met = outcome.done ? Object.fromEntries(missing) : (graceOf(outcome.items[1] ?? {})[tenantId] ?? {});
      const left = missing.filter(([ruleId]) => !Object.hasOwn(met, ruleId));
      if (left.length === missing.length) throw new Error('a grace was turned down, and none of its rules stands');
      for (const [ruleId] of missing) if (Object.hasOwn(met, ruleId)) standing.set(ruleId, met[ruleId]!);
      missing = left;
    }
  }
  return Object.fromEntries(standing);
}

interface Start {
  readonly userId: string;
  readonly tenantId: string;
  readonly missing: readonly (readonly [string, number])[];
}

const steps = (table: Table, { userId, tenantId, missing }: Start) => [
  userIsThere(table, userId),
  {
    Update: {
      TableName: table.name,
      Key: factorsKey(userId),
      UpdateExpression: `SET ${missing.map((_, i) => `#g${i} = :g${i}`).join(', ')}`,
      ConditionExpression: missing.map((_, i) => `attribute_not_exists(#g${i})`).join(' AND '),
      ExpressionAttributeNames: Object.fromEntries(
        missing.map(([ruleId], i) => [`#g${i}`, graceAttribute(tenantId, ruleId)]),
      ),
      ExpressionAttributeValues: Object.fromEntries(missing.map(([, until], i) => [`:g${i}`, until])),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    },
  },
];
