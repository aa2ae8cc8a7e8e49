import type { User } from '../account/user.ts';
import { MalformedTenant } from '../account/tenant-id.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { Clock, ImportStore, Keyring, TenantStore } from '../ports.ts';
import type { FirebaseParameters } from './hashes.ts';
import { LineFault, parseRecord } from './record.ts';
import { patiently } from './patiently.ts';
import { persist } from './persist.ts';
import { progressOf } from './progress.ts';
import { toUser } from './to-user.ts';

/** One user as a reader found it: a record of our own shape, or why there is none. */
export type Sourced = {
  /** From 1 on; of a JSON file, which user it is. */
  readonly line: number;
  /** What the source says that cannot move. */
  readonly notes?: readonly string[];
} & ({ readonly record: unknown } | { readonly fault: string });

/** What became of one line. Reasons and notes name members, never what they hold. */
export interface LineReport {
  readonly line: number;
  readonly id?: string;
  readonly status: 'created' | 'unchanged' | 'refused';
  readonly reason?: string;
  readonly notes?: readonly string[];
}

export interface ImportOptions {
  /** Of records that name none. */
  readonly tenantId: string;
  /** Nothing is written; two lines of one file are not held against each other. */
  readonly dryRun?: boolean;
  /** Lines at the same time; 16 unless told. */
  readonly concurrency?: number;
  /** As lines are done, which is not the order they came in. */
  readonly onLine?: (report: LineReport) => void;
  /** Lines up to this one are skipped. */
  readonly resumeAfter?: number;
  /** No line is begun after it says so. */
  readonly isOver?: () => boolean;
  readonly firebase?: FirebaseParameters | undefined;
}

export interface ImportDeps {
  readonly imports: ImportStore;
  readonly tenants: TenantStore;
  readonly keys: Pick<Keyring, 'secrets'>;
  readonly clock: Clock;
}

export interface ImportSummary {
  readonly created: number;
  readonly unchanged: number;
  readonly refused: number;
  /** Every line up to this one is done: where a run that was cut short may go on. */
  readonly resumeAfter: number;
  /** There are lines that were not begun. */
  readonly isCutShort: boolean;
}

const CONCURRENCY = 16;

/**
 * Takes users in, each in one transaction, in memory that does not grow with their number.
 *
 * The same file again changes nothing: a line that was imported before is `unchanged`, whatever happened to its user
 * since. A user that is there and was not made by such a line is never overwritten; the line is refused as `differs`.
 * Runs of one file at the same time make each user once.
 *
 * @throws what the table throws, after 8 tries with growing pauses. What is written stays: run it again.
 */
export async function importUsers(
  source: AsyncIterable<Sourced>,
  options: ImportOptions,
  deps: ImportDeps,
): Promise<ImportSummary> {
  const progress = progressOf(options.resumeAfter ?? 0);
  const counts = { created: 0, unchanged: 0, refused: 0 };
  const secrets = await deps.keys.secrets();
  const context: Context = { options, deps, secrets, tenants: new Map() };
  const lines = source[Symbol.asyncIterator]();
  let isCutShort = false;
  const run = { isFailed: false };

  const work = async (): Promise<void> => {
    while (!run.isFailed) {
      if (options.isOver?.() === true) {
        isCutShort = true;
        return;
      }
      const next = await lines.next();
      if (next.done === true) return;
      if (next.value.line <= (options.resumeAfter ?? 0)) continue;
      progress.begun(next.value.line);
      const report = await reportOf(next.value, context);
      progress.done(next.value.line);
      counts[report.status] += 1;
      options.onLine?.(report);
    }
  };
  const workers = Array.from({ length: options.concurrency ?? CONCURRENCY }, async () => {
    try {
      await work();
    } catch (error) {
      run.isFailed = true;
      throw error;
    }
  });
  const ends = await Promise.allSettled(workers);
  if (run.isFailed || isCutShort) await lines.return?.();
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return { ...counts, resumeAfter: progress.upTo(), isCutShort };
}

interface Context {
  readonly options: ImportOptions;
  readonly deps: ImportDeps;
  readonly secrets: Secrets;
  /** What each tenant offers as a second factor; undefined for one that does not exist. */
  readonly tenants: Map<string, Promise<readonly string[] | undefined>>;
}

async function reportOf(sourced: Sourced, context: Context): Promise<LineReport> {
  const { line } = sourced;
  try {
    if ('fault' in sourced) throw new LineFault(sourced.fault);
    const record = parseRecord(sourced.record);
    const { options, secrets, deps } = context;
    const now = deps.clock.now();
    const { user, notes } = await toUser(record, { ...options, now }, secrets);
    const all = [...(sourced.notes ?? []), ...notes, ...(await tenantNotes(user, context))];
    const outcome = await persist(user, record, now, { options, secrets, imports: deps.imports });
    return { line, id: user.userId, ...outcome, ...(all.length === 0 ? {} : { notes: all }) };
  } catch (error) {
    if (!(error instanceof LineFault)) throw error;
    return { line, status: 'refused', reason: error.message };
  }
}

/** @throws LineFault for a tenant that does not exist or cannot be used. */
async function tenantNotes(user: User, context: Context): Promise<readonly string[]> {
  const named = [...user.tenantIds, ...Object.keys(user.roles), ...Object.keys(user.exemptions ?? {})];
  const offered = new Set<string>();
  for (const tenantId of new Set(named)) {
    const factors = await factorsOf(tenantId, context);
    if (factors === undefined) throw new LineFault(`tenantIds: there is no tenant ${tenantId}`);
    for (const factor of factors) offered.add(factor);
  }
  return user.requiredFactors
    .filter((factor) => !offered.has(factor))
    .map((factor) => `requiredFactors: ${factor} is offered by none of the user's tenants`);
}

function factorsOf(tenantId: string, { tenants, deps }: Context): Promise<readonly string[] | undefined> {
  const known = tenants.get(tenantId) ?? load(tenantId, deps);
  tenants.set(tenantId, known);
  return known;
}

async function load(tenantId: string, { tenants }: ImportDeps): Promise<readonly string[] | undefined> {
  try {
    return (await patiently(() => tenants.get(tenantId)))?.secondFactors;
  } catch (error) {
    if (error instanceof MalformedTenant) throw new LineFault(`tenantIds: tenant ${tenantId} is malformed`);
    throw error;
  }
}
