import type { AuditEvent } from '../ports.ts';
import { auditPut } from './audit.ts';
import { auditKey } from './keys.ts';
import type { Table } from './table-client.ts';

/** What DynamoDB takes in one transaction. */
export const MAX_STEPS = 100;

/** On a login method: what a line said of its password, as a MAC. */
export const SAID_PASSWORD = 'importedPassword';

/** A repetition of one attempt is the same transaction to the letter. */
export function auditOf(table: Table, audit: AuditEvent, token: string) {
  const { Item: item, ...put } = auditPut(table, audit);
  return { ...put, Item: { ...item, ...auditKey(audit.userId, audit.at, token.slice(0, 8)) } };
}
