import { isDeepStrictEqual } from 'node:util';
import { parseTenant } from '../account/parse-tenant.ts';
import type { Tenant } from '../account/tenant.ts';
import { evaluate, type Evaluation } from '../mfa/evaluate.ts';
import type { FactorId } from '../mfa/factor.ts';
import { closest } from '../mfa/lint/suggest.ts';
import type { Decision } from '../mfa/policy.ts';
import type { Requirement } from '../mfa/requirements.ts';
import { factsOfCase } from './table-facts.ts';
import { parseTable, type TableCase } from './table-schema.ts';

export interface CaseOutcome {
  readonly name: string;
  readonly passed: boolean;
  /** One sentence for each thing that is not as expected; empty when passed. */
  readonly faults: readonly string[];
  /** What the evaluator said. */
  readonly actual: {
    readonly next: readonly FactorId[];
    readonly requirements: readonly Requirement[];
    readonly because: readonly string[];
    readonly observed: readonly string[];
    readonly waivers: Decision['waivers'];
  };
  /** Every rule, in order: whether it matched, and why or why not. */
  readonly rules: Decision['rules'];
}

export interface TableOutcome {
  readonly passed: number;
  readonly failed: number;
  readonly cases: readonly CaseOutcome[];
  /** In how many cases each rule matched. */
  readonly coverage: readonly { readonly ruleId: string; readonly hits: number }[];
  /** Rules that matched in none. */
  readonly uncovered: readonly string[];
}

/**
 * Runs a table of cases against a policy, by the evaluator that sign-in asks. Pure: nothing is read but what is given.
 *
 * @param tenant the tenant's stored attributes; what the table's own `tenant` says goes before them.
 * @throws BadTable for a table that is malformed, MalformedTenant for a policy or tenant that cannot be used.
 */
export async function runTable(
  table: unknown,
  mfaPolicy: unknown,
  tenant: Readonly<Record<string, unknown>> = {},
): Promise<TableOutcome> {
  const { tenant: own = {}, now, cases } = parseTable(table);
  const { policyState: _, ...stored } = tenant;
  const { tenantId = 'public', ...attributes } = { ...stored, ...own };
  const policy = mfaPolicy === undefined || mfaPolicy === null ? {} : { mfaPolicy };
  const parsed = await parseTenant(String(tenantId), { ...attributes, ...policy });
  const outcomes = cases.map((one) => runCase(one, parsed, now));
  const coverage = parsed.policy.rules.map(({ rule }) => ({
    ruleId: rule.id,
    hits: outcomes.filter(({ rules }) => rules.some(({ ruleId, matched }) => ruleId === rule.id && matched)).length,
  }));
  const passed = outcomes.filter((outcome) => outcome.passed).length;
  return {
    passed,
    failed: outcomes.length - passed,
    cases: outcomes,
    coverage,
    uncovered: coverage.flatMap(({ ruleId, hits }) => (hits === 0 ? [ruleId] : [])),
  };
}

function runCase(one: TableCase, tenant: Tenant, now: number | undefined): CaseOutcome {
  const evaluation = evaluate(tenant, factsOfCase(one, tenant, now));
  const { decision } = evaluation;
  const known = tenant.policy.rules.map(({ rule }) => rule.id);
  const faults = [
    ...expectationFaults(one.expect, evaluation),
    ...idFaults('because', one.because, decision.because, known),
    ...idFaults('observed', one.observed, decision.observed, known),
    ...decision.faults.map(({ ruleId, message }) => `rule ${ruleId} could not be evaluated: ${message}`),
  ];
  const { requirements, because, observed, waivers, rules } = decision;
  return {
    name: one.name,
    passed: faults.length === 0,
    faults,
    actual: { next: evaluation.next, requirements, because, observed, waivers },
    rules,
  };
}

/**
 * A list of factors is what the user is shown next, in any order; a list with a choice in it is all that is asked, in
 * order. `nothing` is a session that is complete.
 */
function expectationFaults(expected: TableCase['expect'], { next, decision }: Evaluation): readonly string[] {
  if (expected === 'nothing') return nextFaults([], next);
  if (!Array.isArray(expected)) {
    return [
      ...(expected.next === undefined ? [] : nextFaults(expected.next, next)),
      ...(expected.requirements === undefined ? [] : requirementFaults(expected.requirements, decision)),
    ];
  }
  const factors = expected.filter((item) => typeof item === 'string');
  return factors.length === expected.length ? nextFaults(factors, next) : requirementFaults(expected, decision);
}

const nextFaults = (expected: readonly FactorId[], next: readonly FactorId[]): readonly string[] =>
  isSameSet(expected, next) ? [] : [`expected ${named(expected)}, and ${named(next)} is asked`];

const requirementFaults = (expected: readonly Requirement[], { requirements }: Decision): readonly string[] =>
  isDeepStrictEqual(expected.map(plain), requirements.map(plain))
    ? []
    : [`expected the requirements ${JSON.stringify(expected)}, and they are ${JSON.stringify(requirements)}`];

function idFaults(
  field: 'because' | 'observed',
  expected: readonly string[] | undefined,
  actual: readonly string[],
  known: readonly string[],
): readonly string[] {
  if (expected === undefined) return [];
  const unknown = expected.filter((id) => !known.includes(id));
  if (unknown.length > 0) {
    return unknown.map((id) => {
      const near = closest(id, known);
      return `${field}: there is no rule ${id}${near === undefined ? '' : ` (did you mean ${near}?)`}`;
    });
  }
  return isSameSet(expected, actual) ? [] : [`${field}: expected ${named(expected)}, and it is ${named(actual)}`];
}

const named = (ids: readonly string[]): string => (ids.length === 0 ? 'nothing' : ids.join(' or '));

const isSameSet = (one: readonly string[], other: readonly string[]): boolean =>
  isDeepStrictEqual([...new Set(one)].toSorted(), [...new Set(other)].toSorted());

/** The order within a requirement says nothing. */
const plain = (requirement: Requirement): unknown => {
  if (typeof requirement === 'string') return requirement;
  return 'oneOf' in requirement
    ? { oneOf: requirement.oneOf.toSorted() }
    : { allOfInAnyOrder: requirement.allOfInAnyOrder.toSorted() };
};
