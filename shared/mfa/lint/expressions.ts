import { compileCondition, type Condition, isFault } from '../conditions.ts';
import type { Facts } from '../facts.ts';
import { pathOf, unguardedReads } from '../guards.ts';
import { faultFinding, unknownAsked } from './condition-fault.ts';
import { constantFaults } from './constant-faults.ts';
import type { LintContext, LintedRule } from './context.ts';
import { type Finding, finding, positionAt } from './finding.ts';
import { findNode } from './syntax.ts';
import { looseMatches } from './loose-matches.ts';
import { truthFinding } from './truth-findings.ts';
import { impossibleValues } from './impossible-values.ts';

/** One of a rule's two conditions, and where it stands. */
export interface Written {
  readonly rule: LintedRule;
  readonly field: 'when' | 'unless';
  readonly expression: string;
  /** `rules.0.when`. */
  readonly path: string;
}

export type Compiled = Written & { readonly condition: Condition };

export const writtenIn = (rule: LintedRule, at: number): readonly Written[] =>
  (['when', 'unless'] as const).flatMap((field) => {
    const expression = rule[field];
    return expression === undefined ? [] : [{ rule, field, expression, path: `rules.${at}.${field}` }];
  });

/** What is wrong with a condition by itself. */
export async function lintExpression(written: Written, context: LintContext): Promise<readonly Finding[]> {
  const condition = await compileCondition(written.expression);
  if (isFault(condition)) return [await faultFinding(condition, written)];
  const { rule, field, path, expression } = written;
  if (condition.type !== 'bool' && condition.type !== 'dyn') {
    const name = field === 'when' ? 'the condition' : '"unless"';
    const message = `${name} is a ${condition.type}, not true or false`;
    return [
      finding('error', 'condition-type', message, { ruleId: rule.id, path, position: positionAt(expression, 0) }),
    ];
  }
  const compiled: Compiled = { ...written, condition };
  const faults = [...unknownAsked(compiled), ...(await constantFaults(compiled))];
  if (faults.length > 0) return faults;
  const unmeant = unguarded(compiled);
  return [
    ...unmeant,
    ...(unmeant.length > 0 ? [] : await truthFinding(compiled, context)),
    ...impossibleValues(compiled, context),
    ...looseMatches(compiled),
  ];
}

/** Fail closed must surprise nobody: such a condition counts against every user without what it reads. */
function unguarded({ condition, rule, path, expression }: Compiled): readonly Finding[] {
  const [read] = unguardedReads(condition.ast);
  const failure = read === undefined ? failureOn(NOBODY, condition) : undefined;
  if (read === undefined && failure === undefined) return [];
  const node = read === undefined ? undefined : findNode(condition.ast, (one) => pathOf(one) === read);
  const where = { ruleId: rule.id, path, position: positionAt(expression, node?.start ?? 0) };
  if (read !== undefined || failure?.isMissing === true) {
    const message = `fails on a user without the metadata it reads; guard it with has(…): ${read ?? failure?.message}`;
    const suggestion = read === undefined ? undefined : `has(${read}) && …`;
    return [finding('error', 'unguarded-metadata', message, { ...where, suggestion })];
  }
  const message = `fails on a user with nothing but a password, and then counts against that user: ${failure?.message}`;
  return [finding('error', 'condition-fails', message, where)];
}

const MISSING = new Set(['no_such_key', 'index_out_of_range', 'index_out_of_bounds', 'unknown_variable']);

function failureOn(facts: Facts, condition: Condition): { message: string; isMissing: boolean } | undefined {
  try {
    const value = condition.evaluate(facts);
    if (typeof value === 'boolean') return undefined;
    return { message: 'it did not give true or false', isMissing: false };
  } catch (error) {
    if (!(error instanceof Error)) return { message: 'it cannot be evaluated', isMissing: false };
    const isMissing = 'code' in error && typeof error.code === 'string' && MISSING.has(error.code);
    return { message: error.message.split('\n')[0]!, isMissing };
  }
}

/** A user with nothing but a beginning. */
const NOBODY: Facts = {
  user: {
    id: '',
    roles: [],
    permissions: [],
    emails: [],
    phones: [],
    requiredFactors: [],
    metadata: {},
    timeJoined: 0,
    factorsSetUp: [],
  },
  tenant: { id: '', requiredSecondaryFactors: [], metadata: {} },
  session: { firstFactor: 'emailpassword', completed: { emailpassword: 0 }, isNewDevice: true },
  request: { ip: '', country: '', userAgent: '' },
  now: 0,
};
