import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';
import { plain } from './text.ts';

/** What a check of a tenant or a policy found; every kind of finding has these. */
export interface Finding {
  readonly level: string;
  readonly code: string;
  readonly ruleId?: string | undefined;
  readonly message: string;
  readonly path?: string | undefined;
  readonly position?: { readonly line: number; readonly column: number } | undefined;
  readonly suggestion?: string | undefined;
  readonly doc?: string | undefined;
}

/** One line each, errors first. */
export function findingLines(findings: readonly Finding[], { paint }: Pick<Terminal, 'paint'>): string {
  const colour = (level: string) => (level === 'error' ? paint.red : level === 'warning' ? paint.yellow : paint.dim);
  return findings
    .toSorted((a, b) => rank(a.level) - rank(b.level))
    .map(({ level, code, ruleId, message, position, suggestion, doc }) => {
      const where = [
        ...(ruleId === undefined ? [] : [`rule ${plain(ruleId)}`]),
        ...(position === undefined ? [] : [`line ${position.line}, column ${position.column}`]),
      ].join(', ');
      const lines = [
        `${colour(level)(level)} ${code}${where === '' ? '' : ` (${where})`}: ${plain(message)}`,
        ...(suggestion === undefined ? [] : [`  ${plain(suggestion)}`]),
        ...(doc === undefined ? [] : [paint.dim(`  ${doc}`)]),
      ];
      return lines.join('\n');
    })
    .join('\n');
}

const rank = (level: string): number => ['error', 'warning'].indexOf(level) >>> 0;

export const exitOf = (findings: readonly Pick<Finding, 'level'>[]): ExitCode =>
  findings.some(({ level }) => level === 'error') ? EXIT.findings : EXIT.ok;
