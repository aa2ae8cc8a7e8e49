import { sinceAttribute } from './factors-item.ts';
import { factorsKey } from './keys.ts';
import type { Table } from './table-client.ts';

/** When it was done. Absent where an operator did it: no notice to the user takes that back. */
interface Switching {
  /** Epoch milliseconds. */
  readonly at?: number;
  /** What each must still be from. */
  readonly since?: Readonly<Record<string, number>>;
}

/** Atomic on the set itself: two of these at once lose nothing. */
export function requiredFactorsUpdate(
  table: Table,
  userId: string,
  factors: readonly string[],
  required: boolean,
  { at, since }: Switching = {},
) {
  const each = (write: (name: string, i: number) => string) => factors.map((_, i) => write(`#f${i}`, i)).join(', ');
  const was = factors.map((factor, i) => [`:w${i}`, since?.[factor]] as const);
  return {
    Update: {
      TableName: table.name,
      Key: factorsKey(userId),
      UpdateExpression: `${required ? 'ADD' : 'DELETE'} required :factors ${
        at === undefined ? `REMOVE ${each((name) => name)}` : `SET ${each((name) => `${name} = :at`)}`
      }`,
      ...(since === undefined ? {} : { ConditionExpression: factors.map((_, i) => `#f${i} = :w${i}`).join(' AND ') }),
      ExpressionAttributeNames: Object.fromEntries(factors.map((factor, i) => [`#f${i}`, sinceAttribute(factor)])),
      ExpressionAttributeValues: {
        ':factors': new Set(factors),
        ...(at === undefined ? {} : { ':at': at }),
        ...(since === undefined ? {} : Object.fromEntries(was)),
      },
    },
  };
}
