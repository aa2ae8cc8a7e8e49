import * as v from 'valibot';
import { compileCondition, isFault } from './conditions.ts';
import { ALL_DISTINCT } from './distinct.ts';
import { demandsOf, mergeLists } from './demands.ts';
import type { Facts } from './facts.ts';
import { isFactorId } from './factor.ts';
import { factsRead } from './guards.ts';
import type { Requirement } from './requirements.ts';
import { isRemembered } from './waivers.ts';

/** Who must do what: the tenant's `mfaPolicy` document, its compilation, and the one function that applies it. */

const factorId = v.pipe(v.string(), v.check(isFactorId, 'is not a factor id'));
const factorIds = v.pipe(v.array(factorId), v.minLength(1, 'names no factor'), v.maxLength(10));

const RequirementSchema = v.union(
  [factorId, v.strictObject({ oneOf: factorIds }), v.strictObject({ allOfInAnyOrder: factorIds })],
  'is not a factor id, {"oneOf": [...]} or {"allOfInAnyOrder": [...]}',
);

const LATER = ['rollout', 'from', 'graceDays', 'unless', 'mode'];

const RuleSchema = v.pipe(
  v.looseObject({}),
  v.check(
    (rule) => !LATER.some((name) => name in rule),
    `uses a field this version does not support yet (${LATER.join(', ')})`,
  ),
  v.strictObject({
    id: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,40}$/, 'must be 1 to 40 letters, digits, - or _')),
    when: v.optional(v.string()),
    require: v.optional(v.pipe(v.array(RequirementSchema), v.minLength(1), v.maxLength(20))),
    requireFrom: v.optional(v.picklist(['user', 'tenant'])),
    /** False: asks on trusted devices as well. */
    rememberable: v.optional(v.boolean()),
  }),
  v.check(
    (rule) => (rule.require === undefined) !== (rule.requireFrom === undefined),
    'needs exactly one of "require" and "requireFrom"',
  ),
);

export const PolicySchema = v.pipe(
  v.strictObject({
    rules: v.pipe(v.array(RuleSchema), v.maxLength(200, 'has more than 200 rules')),
    /** `any`: what users and the tenant list becomes one `oneOf`, as in the reference. Weaker; off by default. */
    merge: v.optional(v.picklist(['all', 'any'])),
  }),
  v.check(
    (policy) => new Set(policy.rules.map((rule) => rule.id)).size === policy.rules.length,
    'has two rules with one id',
  ),
);

export type Policy = v.InferOutput<typeof PolicySchema>;
export type Rule = Policy['rules'][number];

/** Who asked: the user's own list, the tenant's list, or the rule of that id. */
export type Origin = 'user' | 'tenant' | `rule:${string}`;

/** One requirement and who asked for it. */
export interface Demand {
  readonly requirement: Requirement;
  readonly origins: readonly Origin[];
  /** No trusted device stands for it. */
  readonly always?: true;
}

/** A demand that holds and is not asked, and what stands for it. */
export interface Waiver {
  readonly requirement: Requirement;
  readonly origins: readonly Origin[];
  readonly by: 'trusted-device';
}

export interface CompiledRule {
  readonly rule: Rule;
  /** Paths of the facts it looks at: see `factsRead`. */
  readonly reads: readonly string[];
  readonly applies: (facts: Facts) => boolean;
}

export interface CompiledPolicy {
  readonly rules: readonly CompiledRule[];
  readonly merge: 'all' | 'any';
}

export interface Decision {
  /** In rule order; those that are waived included. */
  readonly demands: readonly Demand[];
  /** What is asked: the demands without the waived ones. */
  readonly requirements: readonly Requirement[];
  readonly waivers: readonly Waiver[];
  /** Ids of the rules that matched. */
  readonly because: readonly string[];
  /** Conditions that could not be evaluated and therefore count as met. */
  readonly faults: readonly { readonly ruleId: string; readonly message: string }[];
}

/** What holds for a tenant without `mfaPolicy`: everything the user and the tenant list. */
export const DEFAULT_POLICY: Policy = {
  rules: [
    { id: 'user', requireFrom: 'user' },
    { id: 'tenant', requireFrom: 'tenant' },
  ],
};

/** Why a policy cannot be used; `ruleId` is absent where the document itself is at fault. */
export interface PolicyFault {
  readonly level: 'error' | 'warning';
  readonly code: string;
  readonly ruleId?: string;
  readonly message: string;
}

/** Compiles a parsed document. @returns the faults of its conditions instead where there are any. */
export async function compilePolicy(policy: Policy): Promise<CompiledPolicy | readonly PolicyFault[]> {
  const compiled = await Promise.all(policy.rules.map(compileRule));
  const faults = compiled.filter((result) => 'level' in result);
  if (faults.length > 0) return faults;
  return { rules: compiled.filter((result) => 'rule' in result), merge: policy.merge ?? 'all' };
}

async function compileRule(rule: Rule): Promise<CompiledRule | PolicyFault> {
  const list = rule.requireFrom === undefined ? [] : [LISTS[rule.requireFrom]];
  if (rule.when === undefined) return { rule, reads: list, applies: () => true };
  const condition = await compileCondition(rule.when);
  if (isFault(condition)) {
    return { level: 'error', code: `condition-${condition.code}`, ruleId: rule.id, message: condition.message };
  }
  if (condition.type !== 'bool' && condition.type !== 'dyn') {
    return {
      level: 'error',
      code: 'condition-type',
      ruleId: rule.id,
      message: `the condition is a ${condition.type}, not true or false`,
    };
  }
  const reads = [...new Set([...factsRead(condition.ast), ...list])];
  return { rule, reads, applies: (facts) => asBool(condition.evaluate(facts)) };
}

const LISTS = { user: 'user.requiredFactors', tenant: 'tenant.requiredSecondaryFactors' } as const;

function asBool(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError('the condition did not give true or false');
  return value;
}

/**
 * Code seam for what data cannot say: requirements that hold besides the tenant's policy, for every tenant.
 *
 * Empty by default. It can only add: the strictest of everything wins.
 */
export function customRequirements(_facts: Facts): readonly Requirement[] {
  return [];
}

/**
 * Who must do what: the requirements that hold for these facts, in rule order, and the rules that asked for them.
 *
 * Pure and total: no I/O, no clock. Strictest wins: the list only ever grows, so adding a rule never removes a
 * requirement. A trusted device waives what it has shown and the rule allows, never what this session must show itself:
 * `completed` stays without it. Nor does it stand for what would prove nothing new in this session (`proofs`). A
 * condition that fails to evaluate counts as met (fail closed) and is reported in `faults`.
 */
export function requirementsFor(policy: CompiledPolicy, facts: Facts, proofs = ALL_DISTINCT): Decision {
  const faults: { ruleId: string; message: string }[] = [];
  const matched = policy.rules.filter(({ rule, applies }) => {
    try {
      return applies(facts);
    } catch (error) {
      faults.push({ ruleId: rule.id, message: error instanceof Error ? error.message.split('\n')[0]! : 'failed' });
      return true;
    }
  });
  const listed = matched.flatMap(({ rule }) => demandsOf(rule, facts));
  const custom = customRequirements(facts).map((requirement): Demand => ({
    requirement,
    origins: ['rule:custom'],
    always: true,
  }));
  const demands = [...(policy.merge === 'any' ? mergeLists(listed) : listed), ...custom];
  const waived = demands.filter(
    (demand) => demand.always !== true && isRemembered(demand.requirement, facts.session, proofs),
  );
  return {
    demands,
    requirements: demands.filter((demand) => !waived.includes(demand)).map((demand) => demand.requirement),
    waivers: waived.map(({ requirement, origins }) => ({ requirement, origins, by: 'trusted-device' })),
    because: matched.map(({ rule }) => rule.id),
    faults,
  };
}
