import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { randomUUID } from 'node:crypto';
import type { AuditStore } from '../ports.ts';
import { auditKey } from './keys.ts';
import type { Table } from './table-client.ts';

const KEPT_SECONDS = 400 * 86_400;

export function dynamoAudit(table: Table): AuditStore {
  return {
    async write({ userId, tenantId, at, event, details }) {
      await table.db.send(
        new PutCommand({
          TableName: table.name,
          Item: {
            ...auditKey(userId, at, randomUUID().slice(0, 8)),
            userId,
            tenantId,
            event,
            ...(details === undefined ? {} : { details }),
            ttl: Math.floor(at / 1000) + KEPT_SECONDS,
          },
        }),
      );
    },
  };
}
