import type { User } from '../account/user.ts';
import { type DeviceChange, type DeviceRotation, trusts } from '../trusted-devices/device.ts';
import { auditPut } from './audit.ts';
import { rememberedKey } from './keys.ts';
import { type Table, ttlAfter } from './table-client.ts';

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
