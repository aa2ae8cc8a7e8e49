import type { Secrets } from '../keys/secrets.ts';
import type { Clock, ImportStore, Keyring, TenantStore } from '../ports.ts';
import { type ConvertedLine, converted, type LineContext } from './convert-line.ts';
import type { FirebaseParameters } from './hashes.ts';
import { inTurn } from './in-turn.ts';
import { persist, type PersistContext } from './persist.ts';
import { progressOf } from './progress.ts';
import { LineFault } from './record.ts';
import { repeats } from './repeats.ts';

/** One user as a reader found it: a record of our own shape, or why there is none. */
export type Sourced = {
  /** From 1 on; of a JSON file, which user it is. */
  readonly line: number;
  /** What the source says that cannot move. */
  readonly notes?: readonly string[];
  /** Of another system, which knows nothing of what was set up here: an update takes nothing away for it. */
  readonly isForeign?: boolean;
  /** The required factor stands in for one that cannot move. */
  readonly isStandIn?: boolean;
} & ({ readonly record: unknown } | { readonly fault: string });

/** What became of one line. Reasons, changes and notes name members, never what they hold. */
export interface LineReport {
  readonly line: number;
  readonly id?: string;
  readonly status: 'created' | 'updated' | 'unchanged' | 'refused';
  readonly reason?: string;
  /** The first line of the file that says the same, or wants the same user or contact. */
  readonly repeats?: number;
  /** Of a user who was there. */
  readonly changes?: readonly string[];
  /** What of the changes protects the user less than before. */
  readonly weaker?: readonly string[];
  readonly notes?: readonly string[];
}

export interface ImportOptions {
  /** Of records that name none. */
  readonly tenantId: string;
  /** Nothing is written. */
  readonly dryRun?: boolean;
  /** A user who is there is brought to what its line says. */
  readonly update?: boolean;
  /** The password as well. */
  readonly updatePasswords?: boolean;
  /** Lines at the same time; 16 unless told. */
  readonly concurrency?: number;
  /** As lines are done, which is not the order they came in. */
  readonly onLine?: (report: LineReport) => void;
  /** Lines up to this one are skipped. */
  readonly resumeAfter?: number;
  /** No line is begun after it says so. */
  readonly isOver?: () => boolean;
  readonly firebase?: FirebaseParameters | undefined;
  /** Of what lines say, so that repetitions are found; 5.8 million unless told. */
  readonly mostKept?: number;
}

export interface ImportDeps {
  readonly imports: ImportStore;
  readonly tenants: TenantStore;
  readonly keys: Pick<Keyring, 'secrets'>;
  readonly clock: Clock;
}

export interface ImportSummary {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: number;
  /** Users who are protected less than before, of those that were updated. */
  readonly weaker: number;
  /** Every line up to this one is done: where a run that was cut short may go on. */
  readonly resumeAfter: number;
  /** There are lines that were not begun. */
  readonly isCutShort: boolean;
  /** Lines behind this one were held against those up to it, and no longer against each other. Absent: all were. */
  readonly comparedUpTo?: number;
}

const CONCURRENCY = 16;

/**
 * Takes users in, each in one transaction, in memory that does not grow with their number (but for 12 bytes a line and
 * contact, up to 100 MB).
 *
 * The same file again changes nothing: a line that was imported before is `unchanged`, whatever happened to its user
 * since. A user that is there and was not made by such a line is never overwritten, unless `update` says so; the line is
 * refused as `differs`. Of two lines of one file that want the same user, address or identity the first is taken, in a
 * dry run as in a real one. Runs of one file at the same time make each user once.
 *
 * @throws what the table throws, after 8 tries with growing pauses. What is written stays: run it again.
 */
export async function importUsers(
  source: AsyncIterable<Sourced>,
  options: ImportOptions,
  deps: ImportDeps,
): Promise<ImportSummary> {
  const progress = progressOf(options.resumeAfter ?? 0);
  const counts = { created: 0, updated: 0, unchanged: 0, refused: 0 };
  const secrets = await deps.keys.secrets();
  const turn = inTurn();
  const context: Context = {
    line: { ...options, secrets, clock: deps.clock, tenants: deps.tenants, known: new Map() },
    options,
    imports: deps.imports,
    secrets,
    seen: repeats(options.mostKept),
    last: { wasThere: false },
  };
  const lines = source[Symbol.asyncIterator]();
  let isCutShort = false;
  let weaker = 0;
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
      const report = await reportOf(next.value, turn.take(), context);
      progress.done(next.value.line);
      counts[report.status] += 1;
      if (report.weaker !== undefined) weaker += 1;
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
  const comparedUpTo = context.seen.fullAt();
  const compared = comparedUpTo === undefined ? {} : { comparedUpTo };
  return { ...counts, weaker, resumeAfter: progress.upTo(), isCutShort, ...compared };
}

interface Context {
  readonly line: LineContext;
  readonly options: ImportOptions;
  readonly imports: ImportStore;
  readonly secrets: Secrets;
  readonly seen: ReturnType<typeof repeats>;
  readonly last: PersistContext['last'];
}

/** @param turn of the line among all: which of two lines was first does not depend on which was read faster. */
async function reportOf(
  sourced: Sourced,
  turn: ReturnType<ReturnType<typeof inTurn>['take']>,
  context: Context,
): Promise<LineReport> {
  const { line } = sourced;
  try {
    const [conversion] = await Promise.allSettled([converted(sourced, context.line)]);
    const repeat = await turn((): ReturnType<Context['seen']['of']> =>
      conversion.status === 'rejected'
        ? undefined
        : context.seen.of(line, conversion.value.said.user, conversion.value.said.importedAs),
    );
    if (conversion.status === 'rejected') throw conversion.reason;
    return await outcomeOf(line, conversion.value, repeat, context);
  } catch (error) {
    if (!(error instanceof LineFault)) throw error;
    return { line, status: 'refused', reason: error.message };
  }
}

async function outcomeOf(
  line: number,
  { said, notes }: ConvertedLine,
  repeat: ReturnType<Context['seen']['of']>,
  { options, imports, secrets, last }: Context,
): Promise<LineReport> {
  const of = { line, id: said.user.userId, ...(repeat === undefined ? {} : { repeats: repeat.line }) };
  if (repeat?.kind === 'part') return { ...of, status: 'refused', reason: repeat.reason };
  const { dryRun = false, update = false, updatePasswords = false } = options;
  const about = { dryRun, update, updatePasswords, imports, secrets, last, now: said.now };
  const done = await persist(said, about);
  const all = [...(repeat === undefined ? [] : [`line ${repeat.line} says the same`]), ...notes, ...(done.notes ?? [])];
  // What the first of them would make is there then.
  const status = dryRun && repeat !== undefined && done.status !== 'refused' ? 'unchanged' : done.status;
  const { notes: _, ...outcome } = done;
  return { ...of, ...outcome, status, ...(all.length === 0 ? {} : { notes: all }) };
}
