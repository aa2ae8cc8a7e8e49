import { GetCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import type { ClaimReader, Keyring } from '../ports.ts';
import { budgetKey, standingOf } from './budgets.ts';
import { ownerOfKept } from './claims.ts';
import { type Key, lookupKey } from './keys.ts';
import type { Item, Table } from './table-client.ts';

/** Reads, of the very items that the writes of a sign-in are conditional on, what those would come to. */
export function dynamoClaimReader(table: Table, keys: Pick<Keyring, 'secrets'>): ClaimReader {
  const read = async (Key: Key): Promise<Item | undefined> =>
    (await table.db.send(new GetCommand({ TableName: table.name, Key, ConsistentRead: true }))).Item;

  return {
    async holder(kind, tenantId, value, now) {
      const item = await read(lookupKey(tenantId, (await keys.secrets()).index(kind, tenantId, value)));
      if (item === undefined || Number(item['reservedUntil'] ?? Infinity) <= now) return undefined;
      const stored = v.parse(v.string(), item['userId']);
      const keptFor = ownerOfKept(stored);
      return { userId: keptFor ?? stored, isKept: keptFor !== undefined };
    },

    async guesses(budget) {
      return standingOf(await read(await budgetKey(keys, budget)));
    },
  };
}
