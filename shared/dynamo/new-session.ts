import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { SessionStore } from '../ports.ts';
import type { SessionRecord } from '../session/session.ts';
import { auditPut } from './audit.ts';
import { deviceSteps, rotationSteps } from './device-steps.ts';
import { sessionKey } from './keys.ts';
import { type Table, transact, ttlAfter } from './table-client.ts';
import { rememberedOf } from './trusted-devices.ts';

export const createSession =
  (table: Table): SessionStore['create'] =>
  async (session, { remember, rotate, replaces, decision } = {}) => {
    const put = {
      TableName: table.name,
      Item: {
        ...sessionKey(session.userId, session.handle),
        ...session,
        ttl: ttlAfter(session.absoluteExpiresAt),
      },
      // Or it is this very session: the reply to an earlier try was lost.
      ConditionExpression: 'attribute_not_exists(pk) OR refreshTokenHash = :own',
      ExpressionAttributeValues: { ':own': session.refreshTokenHash },
    };
    const ends = replaces === undefined ? [] : replacement(table, replaces, session);
    const beside = [
      ...ends,
      ...(decision === undefined ? [] : [{ Put: auditPut(table, decision) }]),
      ...deviceSteps(table, session.userId, remember),
      ...rotationSteps(table, session.userId, rotate),
    ];
    if (beside.length === 0) {
      await table.db.send(new PutCommand(put));
      return { created: true };
    }
    const outcome = await transact(table, [{ Put: put }, ...beside]);
    if (outcome.done) return { created: true };
    if (outcome.failed[0] === true) throw new Error('a session of that handle exists');
    if (ends.length > 0 && outcome.failed[1] === true) return { created: false, replaced: false };
    const met = outcome.items.at(-1);
    return { created: false, device: met === undefined ? undefined : rememberedOf(met) };
  };

/**
 * Ends a session as it was read: alive, under its epoch, with that refresh token in force. Of parallel ones one does, and
 * leaves a trace of it.
 */
const replacement = (table: Table, old: SessionRecord, { tenantId, createdAt: now }: SessionRecord) => [
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
