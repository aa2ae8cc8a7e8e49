import * as v from 'valibot';
import type { User } from '../account/user.ts';
import type { BackupCodeStore } from '../ports.ts';
import { accountSteps } from './account-steps.ts';
import { BACKUP_CODES_SK, backupCodesKey } from './keys.ts';
import { type Item, type Table, transact } from './table-client.ts';

/** A set that lost its last member is an attribute that is not there. */
const Codes = v.object({
  macs: v.optional(v.set(v.string()), new Set<string>()),
  kid: v.string(),
  createdAt: v.number(),
});

/** Of the items in front of a user's sessions. */
export function backupCodesOf(items: readonly Item[]): Pick<User, 'backupCodes'> {
  const item = items.find(({ sk }) => sk === BACKUP_CODES_SK);
  if (item === undefined) return {};
  const { macs, kid, createdAt } = v.parse(Codes, item);
  return { backupCodes: { macs: [...macs], kid, createdAt } };
}

export function dynamoBackupCodes(table: Table): BackupCodeStore {
  return {
    async replace({ codes: { macs, kid, createdAt }, ...change }) {
      const outcome = await transact(table, [
        ...accountSteps(table, change),
        {
          Put: {
            TableName: table.name,
            Item: { ...backupCodesKey(change.user.userId), macs: new Set(macs), kid, createdAt },
          },
        },
      ]);
      return outcome.done;
    },
  };
}

/** Takes a code out of those that are left, if it is still among them. */
export const useBackupCode = (table: Table, userId: string, mac: string) => ({
  Update: {
    TableName: table.name,
    Key: backupCodesKey(userId),
    UpdateExpression: 'DELETE macs :used',
    ConditionExpression: 'contains(macs, :mac)',
    ExpressionAttributeValues: { ':used': new Set([mac]), ':mac': mac },
  },
});
