/** Everything that can be said of a policy or a tenant before it is saved; each has a section in docs/policy-lint.md. */
export const LINT_CODES = [
  'aal2-by-email',
  'always-matches',
  'backup-code-only',
  'code-life',
  'condition-fails',
  'condition-syntax',
  'condition-too-costly',
  'condition-type',
  'condition-unknown-name',
  'country-unknown',
  'duplicate-rule',
  'factor-not-offered',
  'from-past',
  'grace-on-own-list',
  'impossible-value',
  'loose-match',
  'malformed',
  'never-matches',
  'no-effect',
  'nothing-listed',
  'origin-not-public',
  'policy-too-large',
  'reset-by-same-mailbox',
  'rollout-on-own-list',
  'same-channel',
  'shadowed',
  'sms-nowhere',
  'sms-only',
  'template-retired',
  'tenant-too-large',
  'unguarded-metadata',
  'unknown-factor',
  'unsatisfiable',
  'unsatisfiable-for-some',
] as const;

export type LintCode = (typeof LINT_CODES)[number];

/** `error`: refused when it is saved. `warning`: saved, and probably not what was meant. `info`: worth knowing. */
export type Level = 'error' | 'warning' | 'info';

/** Where in an expression; line and column from 1, offset in UTF-16 units from 0. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

export interface Finding {
  readonly level: Level;
  readonly code: LintCode;
  /** Absent where no single rule is at fault. */
  readonly ruleId?: string;
  /** One sentence. */
  readonly message: string;
  /** Of the attribute in the policy document: `rules.0.when`. */
  readonly path?: string;
  /** In the expression that stands at `path`. */
  readonly position?: Position;
  /** What to write instead. */
  readonly suggestion?: string;
  /** The section that says why it matters and how to mend it. */
  readonly doc: string;
}

type Where = Pick<Finding, 'ruleId' | 'path' | 'position' | 'suggestion'>;

/** A finding with the members that are known. */
export const finding = (
  level: Level,
  code: LintCode,
  message: string,
  where: { readonly [K in keyof Where]: Where[K] | undefined } = {},
): Finding => ({
  level,
  code,
  ...(where.ruleId === undefined ? {} : { ruleId: where.ruleId }),
  message,
  ...(where.path === undefined ? {} : { path: where.path }),
  ...(where.position === undefined ? {} : { position: where.position }),
  ...(where.suggestion === undefined ? {} : { suggestion: where.suggestion }),
  doc: `docs/policy-lint.md#${code}`,
});

export function positionAt(expression: string, offset: number): Position {
  const before = expression.slice(0, offset).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1, offset };
}

const RANK: Readonly<Record<Level, number>> = { error: 0, warning: 1, info: 2 };

/** Errors first, else as they came. */
export const worstFirst = (findings: readonly Finding[]): readonly Finding[] =>
  findings.toSorted((one, other) => RANK[one.level] - RANK[other.level]);
