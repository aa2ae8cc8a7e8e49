import type { SessionRecord } from '../session/session.ts';
import { auditPut } from './audit.ts';
import { sessionKey } from './keys.ts';
import type { Table } from './table-client.ts';

/**
 * Ends a session as it was read: alive, under its epoch, with that refresh token in force. Of parallel ones one does, and
 * leaves a trace of it.
 */
export const replacement = (table: Table, old: SessionRecord, { tenantId, createdAt: now }: SessionRecord) => [
  {
    Update: {
      TableName: table.name,
      Key: sessionKey(old.userId, old.handle),
      UpdateExpression: 'SET revokedAt = :now, revokedReason = :reason',
      ConditionExpression:
        'attribute_exists(pk) AND attribute_not_exists(revokedAt) AND absoluteExpiresAt > :now AND idleExpiresAt > :now ' +
        'AND refreshTokenHash = :current AND epoch = :epoch',
      ExpressionAttributeValues: {
        ':now': now,
        ':reason': 'tenant-switched',
        ':current': old.refreshTokenHash,
        ':epoch': old.epoch,
      },
    },
  },
  {
    Put: auditPut(table, {
      userId: old.userId,
      tenantId,
      at: now,
      event: 'session.tenant-switched',
      details: { from: old.tenantId },
    }),
  },
];
