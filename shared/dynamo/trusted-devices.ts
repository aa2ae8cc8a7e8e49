import * as v from 'valibot';
import type { User } from '../account/user.ts';
import type { DeviceStore } from '../ports.ts';
import { type DeviceChange, type DeviceRotation, type RememberedDevice, trusts } from '../trusted-devices/device.ts';
import { auditPut } from './audit.ts';
import { rememberedKey } from './keys.ts';
import { type Item, type Table, transact, ttlAfter } from './table-client.ts';

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

/** All that were remembered when the user was read, in every tenant: steps of a change after which none is trusted. */
export const forgetSteps = (table: Table, { userId, devices = [] }: User) =>
  devices.map(({ id }) => ({ Delete: { TableName: table.name, Key: rememberedKey(userId, id) } }));

/**
 * Steps of the transaction that completes a sign-in. None of them has a condition: they never turn it down. That a device
 * is trusted is written down with it.
 */
export function deviceSteps(table: Table, userId: string, change: DeviceChange | undefined) {
  if (change === undefined) return [];
  const { put, drop } = change;
  const trust = {
    userId,
    tenantId: put.tenantId,
    at: put.createdAt,
    event: 'device.trusted',
    details: { factors: Object.keys(put.trusted) },
  };
  return [
    {
      Put: { TableName: table.name, Item: { ...rememberedKey(userId, put.id), ...put, ttl: ttlAfter(put.expiresAt) } },
    },
    ...drop.map((id) => ({ Delete: { TableName: table.name, Key: rememberedKey(userId, id) } })),
    ...(trusts(change) ? [{ Put: auditPut(table, trust) }] : []),
  ];
}

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
