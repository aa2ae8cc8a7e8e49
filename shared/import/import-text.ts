import { FUNCTION_SECONDS } from '../limits.ts';
import { badRequest } from '../protocol-error.ts';
import { type ImportDeps, importUsers, type LineReport, type Sourced } from './import-users.ts';
import { type Format, readers } from './readers.ts';

/** What one request may bring. More is for the command. */
const MAX_LINES = 500;
/** What is begun by then is done, and told, before the function's time is up. */
const BUDGET_MS = FUNCTION_SECONDS * 600;

/**
 * Users as one request brings them, and what became of each, in order.
 *
 * Answers before the function's time is up: with `resumeAfter`, where there are lines that were not begun.
 *
 * @throws 400 for more than 500 lines, before anything is written.
 */
export async function importText(
  input: {
    readonly tenantId: string;
    readonly format: Format;
    readonly dryRun: boolean;
    readonly update: boolean;
    readonly updatePasswords: boolean;
    readonly resumeAfter: number;
    readonly text: string;
  },
  deps: ImportDeps,
) {
  const lines: Sourced[] = [];
  for await (const sourced of readers[input.format](once(input.text))) {
    if (lines.length >= MAX_LINES) throw badRequest(`at most ${MAX_LINES} lines at a time`);
    lines.push(sourced);
  }
  const reports: LineReport[] = [];
  const until = performance.now() + BUDGET_MS;
  const { resumeAfter, isCutShort, ...summary } = await importUsers(
    each(lines),
    {
      tenantId: input.tenantId,
      dryRun: input.dryRun,
      update: input.update,
      updatePasswords: input.updatePasswords,
      resumeAfter: input.resumeAfter,
      onLine: (report) => void reports.push(report),
      isOver: () => performance.now() > until,
    },
    deps,
  );
  return {
    status: 'OK' as const,
    dryRun: input.dryRun,
    summary,
    lines: reports.toSorted((a, b) => a.line - b.line),
    ...(isCutShort ? { resumeAfter } : {}),
  };
}

async function* once(text: string) {
  yield text;
}

async function* each<T>(values: readonly T[]) {
  yield* values;
}
