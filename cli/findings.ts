import * as v from 'valibot';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';
import { plain } from './text.ts';

const Position = v.object({ line: v.number(), column: v.number(), offset: v.optional(v.number()) });
const FindingSchema = v.looseObject({
  level: v.string(),
  code: v.string(),
  message: v.string(),
  ruleId: v.optional(v.string()),
  path: v.optional(v.string()),
  position: v.optional(Position),
  suggestion: v.optional(v.string()),
  doc: v.optional(v.string()),
});
/** What a check of a tenant or a policy found; every kind of finding has these. */
export type Finding = Pick<
  v.InferOutput<typeof FindingSchema>,
  'level' | 'code' | 'message' | 'ruleId' | 'path' | 'position' | 'suggestion' | 'doc'
>;

/** Of a refusal. Empty where it has none. */
export const findingsIn = (value: unknown): readonly Finding[] => {
  const parsed = v.safeParse(v.array(FindingSchema), value);
  return parsed.success ? parsed.output : [];
};

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
