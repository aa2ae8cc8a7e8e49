import { type CompiledRule, outcomeOf, type RuleOutcome } from './rule-outcome.ts';
import { ALL_DISTINCT } from './distinct.ts';
import { demandsOf, mergeLists } from './demands.ts';
import type { Facts } from './facts.ts';
import { type GraceStart, startOf } from './grace.ts';
import type { Requirement } from './requirements.ts';
import { isExempt, waiverOf } from './waivers.ts';

/** Who must do what: a compiled policy, and the one function that applies it. Schema and compiler are read on demand. */

/** Who asked: the user's own list, the tenant's list, or the rule of that id. */
export type Origin = 'user' | 'tenant' | `rule:${string}`;

/** One requirement and who asked for it. */
export interface Demand {
  readonly requirement: Requirement;
  readonly origins: readonly Origin[];
  /** No trusted device stands for it. */
  readonly always?: true;
  /** Until then it need not be shown by who has not set up what meets it. Epoch milliseconds. */
  readonly graceUntil?: number;
}

/** A demand that holds and is not asked, and what stands for it. */
export interface Waiver {
  readonly requirement: Requirement;
  readonly origins: readonly Origin[];
  readonly by: 'trusted-device' | 'grace' | 'exemption';
  /** Of a grace or an exemption: when it ends. Epoch milliseconds. */
  readonly until?: number;
}

export interface CompiledPolicy {
  readonly rules: readonly CompiledRule[];
  readonly merge: 'all' | 'any';
  readonly immediate: boolean;
}

export interface Decision {
  /** In rule order; those that are waived included. */
  readonly demands: readonly Demand[];
  /** What is asked: the demands without the waived ones. */
  readonly requirements: readonly Requirement[];
  readonly waivers: readonly Waiver[];
  /** Ids of the rules that matched and may demand something. */
  readonly because: readonly string[];
  /** Ids of the rules that matched and only observe: what would ask, were it enforced. */
  readonly observed: readonly string[];
  /** Graces that begin now. Whoever issues a session stores them first; what stands in the store counts. */
  readonly graceStarts: readonly GraceStart[];
  /** Every rule, in order: whether it matched, and why or why not. */
  readonly rules: readonly RuleOutcome[];
  /** Conditions that could not be evaluated and therefore count against the user. */
  readonly faults: readonly { readonly ruleId: string; readonly message: string }[];
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
 * `completed` stays without it. Nor does it stand for what would prove nothing new in this session (`proofs`). A grace
 * waives, until its deadline, what the user has not set up; an exemption everything the tenant's policy demands. Nothing
 * waives `customRequirements`. A condition that fails to evaluate counts against the user (fail closed) and is reported
 * in `faults`.
 */
export function requirementsFor(policy: CompiledPolicy, facts: Facts, proofs = ALL_DISTINCT): Decision {
  const asked = policy.rules.map((compiled) => ({ rule: compiled.rule, ...outcomeOf(compiled, facts) }));
  const matched = asked.filter(({ outcome }) => outcome.matched);
  const enforced = matched.filter(({ outcome }) => outcome.mode === 'enforce');
  const demanding = enforced.map(({ rule }) => ({ rule, demands: demandsOf(rule, facts) }));
  const listed = demanding.flatMap(({ demands }) => demands);
  const ofPolicy = policy.merge === 'any' ? mergeLists(listed) : listed;
  const custom = customRequirements(facts).map((requirement): Demand => ({
    requirement,
    origins: ['rule:custom'],
    always: true,
  }));
  const weighed = ofPolicy.map((demand) => ({ demand, waiver: waiverOf(demand, facts, proofs) }));
  return {
    demands: [...ofPolicy, ...custom],
    requirements: [
      ...weighed.flatMap(({ demand, waiver }) => (waiver === undefined ? [demand.requirement] : [])),
      ...custom.map(({ requirement }) => requirement),
    ],
    waivers: weighed.flatMap(({ waiver }) => waiver ?? []),
    because: enforced.map(({ rule }) => rule.id),
    observed: matched.filter(({ outcome }) => outcome.mode === 'observe').map(({ rule }) => rule.id),
    graceStarts: isExempt(facts)
      ? []
      : demanding.flatMap(({ rule, demands }) => (demands.length === 0 ? [] : startOf(rule, facts))),
    rules: asked.map(({ outcome }) => outcome),
    faults: asked.flatMap(({ rule, faults }) => faults.map((message) => ({ ruleId: rule.id, message }))),
  };
}
