import type { UserAdmin } from '../admin/users.ts';
import { exemptionAttribute } from './factors-item.ts';
import { factorsKey } from './keys.ts';
import { type Table, transact } from './table-client.ts';
import { userIsThere } from './user-is-there.ts';

/** Only ever of a user that exists: nothing is left of one that was erased meanwhile. */
export async function setExemption(
  table: Table,
  ...[userId, tenantId, exemption]: Parameters<UserAdmin['setExemption']>
): Promise<boolean> {
  const outcome = await transact(table, [
    userIsThere(table, userId),
    {
      Update: {
        TableName: table.name,
        Key: factorsKey(userId),
        UpdateExpression: exemption === undefined ? 'REMOVE #exempt' : 'SET #exempt = :exemption',
        ExpressionAttributeNames: { '#exempt': exemptionAttribute(tenantId) },
        ...(exemption === undefined ? {} : { ExpressionAttributeValues: { ':exemption': exemption } }),
      },
    },
  ]);
  return outcome.done;
}

/** For whoever leaves a tenant: coming back, the user is asked like anybody. */
export const exemptionRemoval = (table: Table, userId: string, tenantId: string) => ({
  Update: {
    TableName: table.name,
    Key: factorsKey(userId),
    UpdateExpression: 'REMOVE #exempt',
    ExpressionAttributeNames: { '#exempt': exemptionAttribute(tenantId) },
  },
});
