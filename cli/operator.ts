import { openTable, type Table } from '../shared/dynamo/table-client.ts';
import { lazyMailer } from '../shared/delivery/lazy-mailer.ts';
import { accounts, administration, configuration, openKeys, sessions, systemClock } from '../shared/parts.ts';
import type { AuditEvent, AuditStore, Log, Mailer } from '../shared/ports.ts';
import type { UserAdmin } from '../shared/admin/users.ts';
import type { Target } from './target.ts';
import type { Terminal } from './terminal.ts';

/** An operator waits longer than a request may: a walk over all users is to outlive a minute of throttling. */
const PATIENCE = { maxAttempts: 8, requestMs: 10_000 };

/**
 * The ports of the admin functions, with the caller's own credentials. What it writes into a user's history says who
 * it was.
 */
export function openOperator(target: Target, { terminal, by, log }: { terminal: Terminal; by: string; log: Log }) {
  const { config } = target;
  const table: Table = openTable(config.TABLE_NAME, PATIENCE);
  const base = { config, clock: systemClock, log, table };
  const keyed = { ...base, ...openKeys(base) };
  const owned = accounts(keyed);
  const administered = administration(keyed);
  return {
    ...keyed,
    ...configuration(base),
    ...owned,
    ...sessions(base),
    ...administered,
    audit: signedAudit(owned.audit, by),
    userAdmin: signedResets(administered.userAdmin, by),
    mailer: target.silentBecause === undefined ? lazyMailer(config, log) : silent(terminal, target.silentBecause),
    target,
    by,
  };
}

export type Operator = ReturnType<typeof openOperator>;

const signed = (event: AuditEvent, by: string): AuditEvent => ({
  ...event,
  details: { ...event.details, by, via: 'cli' },
});

const signedAudit = (audit: AuditStore, by: string): AuditStore => ({
  ...audit,
  write: (event) => audit.write(signed(event, by)),
});

const signedResets = (userAdmin: UserAdmin, by: string): UserAdmin => ({
  ...userAdmin,
  resetFactors: (reset) => userAdmin.resetFactors({ ...reset, audit: signed(reset.audit, by) }),
});

/** Says once that owners are not told, and goes on: in an emergency the change counts. */
function silent(terminal: Terminal, because: string): Mailer {
  let isSaid = false;
  return {
    send: () => {
      if (!isSaid) terminal.warn(`The owner gets no notice of this: ${because}.`);
      isSaid = true;
      return Promise.resolve('failed');
    },
  };
}
