import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { randomUUID } from 'node:crypto';
import type { AuditEvent, AuditStore } from '../ports.ts';
import { auditKey } from './keys.ts';
import type { Table } from './table-client.ts';

const KEPT_DAYS = 400;

export function dynamoAudit(table: Table): AuditStore {
  return {
    async write(event) {
      await table.db.send(new PutCommand(auditPut(table, event)));
    },
  };
}

/** Also a step of a transaction, where what happened and the record of it come together. */
export const auditPut = (table: Table, { userId, tenantId, at, event, details, keptDays }: AuditEvent) => ({
  TableName: table.name,
  Item: {
    ...auditKey(userId, at, randomUUID().slice(0, 8)),
    userId,
    tenantId,
    event,
    ...(details === undefined ? {} : { details }),
    ttl: Math.floor(at / 1000) + (keptDays ?? KEPT_DAYS) * 86_400,
  },
});
