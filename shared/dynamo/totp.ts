import * as v from 'valibot';
import type { User } from '../account/user.ts';
import type { TotpProof, TotpStore } from '../ports.ts';
import { accountSteps } from './account-steps.ts';
import { TOTP_SK, totpKey } from './keys.ts';
import { type Item, type Table, transact } from './table-client.ts';
import { forgetSteps } from './device-steps.ts';

const Device = v.object({
  name: v.string(),
  sealedSeed: v.string(),
  kid: v.string(),
  period: v.number(),
  verified: v.boolean(),
  lastStep: v.number(),
  createdAt: v.number(),
});

/** Of the items in front of a user's sessions. */
export function totpDevicesOf(items: readonly Item[]): Pick<User, 'totpDevices'> {
  const devices = items
    .filter((item) => String(item['sk']).startsWith(TOTP_SK))
    .map((item) => v.parse(Device, item))
    .toSorted((a, b) => a.createdAt - b.createdAt);
  return devices.length === 0 ? {} : { totpDevices: devices };
}

export function dynamoTotp(table: Table): TotpStore {
  return {
    async put({ device, ...change }) {
      const outcome = await transact(table, [
        ...accountSteps(table, change),
        {
          Put: {
            TableName: table.name,
            Item: { ...totpKey(change.user.userId, device.name), ...device },
            ConditionExpression: 'attribute_not_exists(pk) OR verified = :false',
            ExpressionAttributeValues: { ':false': false },
          },
        },
      ]);
      return outcome.done;
    },

    async remove({ device, ...change }) {
      const outcome = await transact(table, [
        ...accountSteps(table, change),
        {
          Delete: {
            TableName: table.name,
            Key: totpKey(change.user.userId, device.name),
            ConditionExpression: 'sealedSeed = :seed AND verified = :verified',
            ExpressionAttributeValues: { ':seed': device.sealedSeed, ':verified': device.verified },
          },
        },
        // Where sessions end, what was remembered is over with them; an app that never counted was trusted by none.
        ...(change.endOthers || !device.verified ? [] : forgetSteps(table, change.user)),
      ]);
      return outcome.done;
    },
  };
}

/** Uses a time step up, once: no code of it or of an earlier one is good after this. Verifies a device that was not. */
export const useStep = (table: Table, userId: string, { device, step }: TotpProof) => ({
  Update: {
    TableName: table.name,
    Key: totpKey(userId, device.name),
    UpdateExpression: 'SET lastStep = :step, verified = :true',
    // The seed as it was compared: a device of the same name may have taken its place.
    ConditionExpression: 'lastStep < :step AND sealedSeed = :seed',
    ExpressionAttributeValues: { ':step': step, ':true': true, ':seed': device.sealedSeed },
  },
});
