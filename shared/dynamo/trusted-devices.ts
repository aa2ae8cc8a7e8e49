import * as v from 'valibot';
import type { DeviceStore } from '../ports.ts';
import type { RememberedDevice } from '../trusted-devices/device.ts';
import { auditPut } from './audit.ts';
import { rememberedKey } from './keys.ts';
import { type Item, type Table, transact } from './table-client.ts';

const Device = v.object({
  id: v.string(),
  tenantId: v.string(),
  tokenHash: v.string(),
  parentHash: v.exactOptional(v.string()),
  epoch: v.number(),
  createdAt: v.number(),
  rotatedAt: v.number(),
  expiresAt: v.number(),
  fingerprint: v.string(),
  userAgent: v.string(),
  trusted: v.record(v.string(), v.number()),
});

export const rememberedOf = (item: Item): RememberedDevice => v.parse(Device, item);

export function dynamoDevices(table: Table): DeviceStore {
  return {
    async forget(userId, id, tenantId, audit) {
      const outcome = await transact(table, [
        {
          Delete: {
            TableName: table.name,
            Key: rememberedKey(userId, id),
            ConditionExpression: 'attribute_exists(pk) AND tenantId = :tenant',
            ExpressionAttributeValues: { ':tenant': tenantId },
          },
        },
        ...(audit === undefined ? [] : [{ Put: auditPut(table, audit) }]),
      ]);
      return outcome.done;
    },
  };
}
