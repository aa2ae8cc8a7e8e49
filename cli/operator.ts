import { openTable, type Table } from '../shared/dynamo/table-client.ts';
import { lazyMailer } from '../shared/delivery/lazy-mailer.ts';
import { accounts, administration, configuration, openKeys, sessions, systemClock } from '../shared/parts.ts';
import { signedBy } from '../shared/admin/signed.ts';
import type { Log, Mailer } from '../shared/ports.ts';
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
    ...signedBy({ by, via: 'cli' }, { audit: owned.audit, userAdmin: administered.userAdmin }),
    mailer: target.silentBecause === undefined ? lazyMailer(config, log) : silent(terminal, target.silentBecause),
    target,
    by,
  };
}

export type Operator = ReturnType<typeof openOperator>;

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
