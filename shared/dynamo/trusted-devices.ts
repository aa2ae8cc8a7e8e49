import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import type { DeviceStore } from '../ports.ts';
import type { DeviceChange, DeviceRotation, RememberedDevice } from '../trusted-devices/device.ts';
import { rememberedKey } from './keys.ts';
import { ifConditionHolds, type Item, type Table, ttlAfter } from './table-client.ts';

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
    async forget(userId, id, tenantId) {
      const outcome = await ifConditionHolds(
        table.db.send(
          new DeleteCommand({
            TableName: table.name,
            Key: rememberedKey(userId, id),
            ConditionExpression: 'attribute_exists(pk) AND tenantId = :tenant',
            ExpressionAttributeValues: { ':tenant': tenantId },
          }),
        ),
      );
      return outcome.done;
    },
  };
}

/** Steps of the transaction that completes a sign-in. None of them has a condition: they never turn it down. */
export const deviceSteps = (table: Table, userId: string, change: DeviceChange | undefined) =>
  change === undefined
    ? []
    : [
        {
          Put: {
            TableName: table.name,
            Item: { ...rememberedKey(userId, change.put.id), ...change.put, ttl: ttlAfter(change.put.expiresAt) },
          },
        },
        ...change.drop.map((id) => ({ Delete: { TableName: table.name, Key: rememberedKey(userId, id) } })),
      ];

/** Replaces a device's value where it is still the one in force: the step a session is stored with. */
export const rotationSteps = (table: Table, userId: string, rotation: DeviceRotation | undefined) =>
  rotation === undefined
    ? []
    : [
        {
          Update: {
            TableName: table.name,
            Key: rememberedKey(userId, rotation.id),
            UpdateExpression:
              'SET parentHash = :from, tokenHash = :to, rotatedAt = :now, fingerprint = :fp, expiresAt = :expires, ' +
              '#ttl = :ttl',
            ConditionExpression: 'attribute_exists(pk) AND tokenHash = :from AND expiresAt > :now',
            ExpressionAttributeNames: { '#ttl': 'ttl' },
            ExpressionAttributeValues: {
              ':from': rotation.from,
              ':to': rotation.to,
              ':now': rotation.now,
              ':fp': rotation.fingerprint,
              ':expires': rotation.expiresAt,
              ':ttl': ttlAfter(rotation.expiresAt),
            },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
          },
        },
      ];
