import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import type { Device } from '../otp/device.ts';
import type { CodeStore } from '../ports.ts';
import { deviceKey } from './keys.ts';
import { ifConditionHolds, type Item, type Table, ttlAfter } from './table-client.ts';

const StoredDevice = v.object({
  tenantId: v.string(),
  preAuthSessionId: v.string(),
  purpose: v.picklist(['first-factor', 'second-factor', 'enrol', 'change']),
  flowType: v.exactOptional(v.picklist(['USER_INPUT_CODE', 'MAGIC_LINK', 'USER_INPUT_CODE_AND_MAGIC_LINK'])),
  factorId: v.picklist(['otp-email', 'otp-phone']),
  userId: v.string(),
  sessionHandle: v.string(),
  contact: v.string(),
  codeMac: v.string(),
  linkMac: v.exactOptional(v.string()),
  salt: v.string(),
  kid: v.string(),
  attempts: v.number(),
  maxAttempts: v.number(),
  createdAt: v.number(),
  sentAt: v.number(),
  expiresAt: v.number(),
});

/** @returns undefined for a device that was used: to whoever asks, it is as if it never was. */
const deviceOf = (item: Item | undefined): Device | undefined =>
  item === undefined || item['consumedAt'] !== undefined ? undefined : v.parse(StoredDevice, item);

export function dynamoCodes(table: Table): CodeStore {
  return {
    async put(device) {
      await table.db.send(
        new PutCommand({
          TableName: table.name,
          Item: { ...deviceKey(device.tenantId, device.preAuthSessionId), ...device, ttl: ttlAfter(device.expiresAt) },
          // Or it is this very device: the reply to an earlier try was lost.
          ConditionExpression: 'attribute_not_exists(pk) OR codeMac = :mac',
          ExpressionAttributeValues: { ':mac': device.codeMac },
        }),
      );
    },

    async get(tenantId, preAuthSessionId) {
      const found = await table.db.send(
        new GetCommand({ TableName: table.name, Key: deviceKey(tenantId, preAuthSessionId), ConsistentRead: true }),
      );
      return deviceOf(found.Item);
    },

    async spendAttempt(tenantId, preAuthSessionId, handle, now) {
      const outcome = await ifConditionHolds(
        table.db.send(
          new UpdateCommand({
            TableName: table.name,
            Key: deviceKey(tenantId, preAuthSessionId),
            UpdateExpression: 'SET attempts = attempts + :one, lastAttemptAt = :now',
            // Each of these is false for an item that does not exist: counting never makes one.
            ConditionExpression:
              'attempts < maxAttempts AND attribute_not_exists(consumedAt) AND sessionHandle = :handle',
            ExpressionAttributeValues: { ':one': 1, ':now': now, ':handle': handle },
            ReturnValues: 'ALL_NEW',
          }),
        ),
      );
      return outcome.done ? deviceOf(outcome.output.Attributes) : undefined;
    },

    async renew({ device, codeMac, linkMac, salt, kid, now, expiresAt, cooldownMs }) {
      const outcome = await ifConditionHolds(
        table.db.send(
          new UpdateCommand({
            TableName: table.name,
            Key: deviceKey(device.tenantId, device.preAuthSessionId),
            UpdateExpression:
              'SET codeMac = :mac, salt = :salt, kid = :kid, expiresAt = :expires, sentAt = :now, #ttl = :ttl' +
              (linkMac === undefined ? '' : ', linkMac = :link'),
            ConditionExpression:
              'attempts < maxAttempts AND attribute_not_exists(consumedAt) AND sessionHandle = :handle AND sentAt <= :cool',
            ExpressionAttributeNames: { '#ttl': 'ttl' },
            ExpressionAttributeValues: {
              ':mac': codeMac,
              ...(linkMac === undefined ? {} : { ':link': linkMac }),
              ':salt': salt,
              ':kid': kid,
              ':expires': expiresAt,
              ':now': now,
              ':ttl': ttlAfter(expiresAt),
              ':handle': device.sessionHandle,
              ':cool': now - cooldownMs,
            },
          }),
        ),
      );
      return outcome.done;
    },
  };
}
