import { profileKey } from './keys.ts';
import type { Table } from './table-client.ts';

/** The step by which a transaction is of users that exist: it leaves nothing of one that was erased meanwhile. */
export const userIsThere = (table: Table, userId: string) => ({
  ConditionCheck: { TableName: table.name, Key: profileKey(userId), ConditionExpression: 'attribute_exists(pk)' },
});
