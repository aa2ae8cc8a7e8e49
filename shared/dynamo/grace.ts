import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { UserStore } from '../ports.ts';
import { graceAttribute, graceOf } from './factors-item.ts';
import { factorsKey } from './keys.ts';
import type { Table } from './table-client.ts';

/** An update expression holds 4 KB. */
const AT_ONCE = 40;

/** One unconditional write for up to 40 rules: of parallel ones the first decides, and all read what it wrote. */
export async function startGrace(
  table: Table,
  ...[userId, tenantId, deadlines]: Parameters<UserStore['startGrace']>
): Promise<Readonly<Record<string, number>>> {
  const wanted = Object.entries(deadlines);
  const standing = new Map<string, number>();
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    const some = wanted.slice(at, at + AT_ONCE);
    const written = await table.db.send(
      new UpdateCommand({
        TableName: table.name,
        Key: factorsKey(userId),
        UpdateExpression: `SET ${some.map((_, i) => `#g${i} = if_not_exists(#g${i}, :g${i})`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(
          some.map(([ruleId], i) => [`#g${i}`, graceAttribute(tenantId, ruleId)]),
        ),
        ExpressionAttributeValues: Object.fromEntries(some.map(([, until], i) => [`:g${i}`, until])),
        ReturnValues: 'ALL_NEW',
      }),
    );
    const now = new Map(Object.entries(graceOf(written.Attributes ?? {})[tenantId] ?? {}));
    for (const [ruleId, until] of some) standing.set(ruleId, now.get(ruleId) ?? until);
  }
  return Object.fromEntries(standing);
}
