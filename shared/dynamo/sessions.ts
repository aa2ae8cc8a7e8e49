import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import type { SessionStore } from '../ports.ts';
import type { SessionRecord } from '../session/session.ts';
import { auditPut } from './audit.ts';
import { SESSION_SK, sessionKey, userPk } from './keys.ts';
import { ifConditionHolds, type Item, type Table, transact } from './table-client.ts';

const Session = v.object({
  userId: v.string(),
  handle: v.string(),
  tenantId: v.string(),
  recipeUserId: v.string(),
  firstFactor: v.string(),
  completed: v.record(v.string(), v.number()),
  createdAt: v.number(),
  refreshTokenHash: v.string(),
  parentTokenHash: v.exactOptional(v.string()),
  boundary: v.boolean(),
  generation: v.number(),
  branch: v.number(),
  rotatedAt: v.number(),
  fingerprint: v.string(),
  idleExpiresAt: v.number(),
  absoluteExpiresAt: v.number(),
  epoch: v.number(),
  revokedAt: v.exactOptional(v.number()),
  userAgent: v.exactOptional(v.string()),
  satisfied: v.exactOptional(v.boolean()),
  device: v.exactOptional(v.object({ id: v.string(), isNew: v.boolean() })),
});

export const sessionOf = (item: Item): SessionRecord => v.parse(Session, item);

export function dynamoSessions(table: Table): SessionStore {
  return {
    create: async (...begun) => (await import('./new-session.ts')).createSession(table)(...begun),

    async get(userId, handle) {
      const found = await table.db.send(
        new GetCommand({ TableName: table.name, Key: sessionKey(userId, handle), ConsistentRead: true }),
      );
      return found.Item === undefined ? undefined : sessionOf(found.Item);
    },

    async list(userId) {
      const found = await table.db.send(
        new QueryCommand({
          TableName: table.name,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sessions)',
          ExpressionAttributeValues: { ':pk': userPk(userId), ':sessions': SESSION_SK },
          ConsistentRead: true,
        }),
      );
      return (found.Items ?? []).map(sessionOf);
    },

    async rotate({ userId, handle, epoch, from, to, now, fingerprint, idleExpiresAt }) {
      const isLive =
        'attribute_exists(pk) AND attribute_not_exists(revokedAt) AND absoluteExpiresAt > :now AND idleExpiresAt > :now';
      const isCurrent = 'refreshTokenHash = :from AND epoch = :epoch';
      const outcome = await ifConditionHolds(
        table.db.send(
          new UpdateCommand({
            TableName: table.name,
            Key: sessionKey(userId, handle),
            UpdateExpression:
              'SET parentTokenHash = :from, refreshTokenHash = :to, generation = generation + :one, branch = :zero, ' +
              'rotatedAt = :now, fingerprint = :fp, idleExpiresAt = :idle, boundary = :false',
            ConditionExpression: `${isLive} AND ${isCurrent}`,
            ExpressionAttributeValues: {
              ':from': from,
              ':to': to,
              ':one': 1,
              ':zero': 0,
              ':now': now,
              ':fp': fingerprint,
              ':idle': idleExpiresAt,
              ':epoch': epoch,
              ':false': false,
            },
            ReturnValues: 'ALL_OLD',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      if (outcome.done) {
        const before = sessionOf(outcome.output.Attributes ?? {});
        const moved = { parentTokenHash: from, refreshTokenHash: to, generation: before.generation + 1, branch: 0 };
        const session = { ...before, ...moved, rotatedAt: now, fingerprint, idleExpiresAt, boundary: false };
        return { moved: true, session, heldSince: before.rotatedAt };
      }
      return outcome.item === undefined ? undefined : { moved: false, session: sessionOf(outcome.item) };
    },

    async rebranch({ session, to, now, fingerprint }) {
      const outcome = await ifConditionHolds(
        table.db.send(
          new UpdateCommand({
            TableName: table.name,
            Key: sessionKey(session.userId, session.handle),
            UpdateExpression: 'SET refreshTokenHash = :to, branch = branch + :one, rotatedAt = :now, fingerprint = :fp',
            ConditionExpression:
              'parentTokenHash = :parent AND refreshTokenHash = :seen AND epoch = :epoch ' +
              'AND attribute_not_exists(revokedAt) AND absoluteExpiresAt > :now AND idleExpiresAt > :now',
            ExpressionAttributeValues: {
              ':to': to,
              ':one': 1,
              ':now': now,
              ':fp': fingerprint,
              ':parent': session.parentTokenHash,
              ':seen': session.refreshTokenHash,
              ':epoch': session.epoch,
            },
          }),
        ),
      );
      return outcome.done;
    },

    async noteAnswer({ session, satisfied, decision }) {
      const { satisfied: before } = session;
      await transact(table, [
        {
          Update: {
            TableName: table.name,
            Key: sessionKey(session.userId, session.handle),
            UpdateExpression: 'SET satisfied = :now',
            // As it was seen: what a factor changed meanwhile is newer than this answer.
            ConditionExpression:
              'refreshTokenHash = :seen AND attribute_not_exists(revokedAt) AND ' +
              (before === undefined ? 'attribute_not_exists(satisfied)' : 'satisfied = :before'),
            ExpressionAttributeValues: {
              ':now': satisfied,
              ':seen': session.refreshTokenHash,
              ...(before === undefined ? {} : { ':before': before }),
            },
          },
        },
        ...(before === undefined ? [] : [{ Put: auditPut(table, decision) }]),
      ]);
    },

    async revoke(userId, handle, now, reason) {
      const outcome = await ifConditionHolds(
        table.db.send(
          new UpdateCommand({
            TableName: table.name,
            Key: sessionKey(userId, handle),
            UpdateExpression: 'SET revokedAt = :now, revokedReason = :reason',
            ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(revokedAt)',
            ExpressionAttributeValues: { ':now': now, ':reason': reason },
          }),
        ),
      );
      return outcome.done;
    },
  };
}
