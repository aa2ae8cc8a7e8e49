import { createHash } from 'node:crypto';
import type { AuditEvent } from '../ports.ts';
import type { Evaluation, EvaluatedTenant } from '../mfa/evaluate.ts';
import type { Facts } from '../mfa/facts.ts';
import type { FactorId } from '../mfa/factor.ts';
import { demandsOf } from '../mfa/demands.ts';
import type { Reason } from '../mfa/rule-outcome.ts';
import type { CompiledPolicy, Waiver } from '../mfa/policy.ts';
import { ignoredFacts, type ShownFacts, shownFacts } from './shown-facts.ts';
import type { Requirement } from '../mfa/requirements.ts';

/** What a policy decided about somebody, and on which facts: small, masked, and kept for 90 days. */
export interface DecisionRecord {
  readonly occasion: Occasion;
  /** `not-asked`: a session that was asked for something is not any more, or only observed rules matched. */
  readonly result: 'challenged' | 'waived' | 'satisfied' | 'not-asked';
  readonly policyHash: string;
  /** Absent where the policy is no recorded version: the default, or an edit by hand. */
  readonly policyVersion?: number;
  /** What the policy asks, those it waives left out. */
  readonly required: readonly Requirement[];
  /** Factors of which one is to be shown now; empty where nothing is left to do. */
  readonly next: readonly FactorId[];
  /** What is asked before anything the policy asks. */
  readonly ahead?: 'owed-factor' | 'first-enrolment';
  readonly matched: readonly MatchedRule[];
  /** Ids of rules that matched and only observe. */
  readonly observed: readonly string[];
  /** How many rules more matched than are listed. */
  readonly more?: number;
  readonly waivers: readonly Waiver[];
  /** By path, masked. */
  readonly used: ShownFacts;
  /** Facts no rule of the policy reads. */
  readonly ignored: readonly string[];
  /** Tells decisions of one session from those of another. */
  readonly session: string;
}

/** When a policy is asked: at a first factor, another tenant, a further factor, a refresh, or by a page. */
export type Occasion = 'sign-in' | 'tenant-switch' | 'factor' | 'refresh' | 'mfa-info';

export interface MatchedRule {
  readonly ruleId: string;
  readonly because: Reason;
  /** False: what it takes its list from lists nothing. */
  readonly asks: boolean;
  /** Paths of the facts it reads; their values are in `used`. */
  readonly reads: readonly string[];
}

export interface Decided {
  readonly tenant: EvaluatedTenant & {
    readonly tenantId: string;
    readonly policyHash: string;
    readonly policyVersion: number | undefined;
  };
  readonly facts: Facts;
  readonly evaluation: Evaluation;
  readonly occasion: Occasion;
  readonly handle: string;
}

export const DECISION_EVENT = 'mfa.decision';
export const KEPT_DAYS = 90;
const MAX_RULES = 20;

/**
 * The audit event of a decision, for whoever writes what follows from it to write in the same request.
 *
 * @returns undefined where the policy asks nothing, waives nothing and observes nothing: that leaves no record.
 */
export const decisionEvent = (decided: Decided): AuditEvent | undefined =>
  saysNothing(decided.evaluation) ? undefined : eventOf(decided);

/** As `decisionEvent`, of an answer that changed in the middle of a session: that a demand is gone is told as well. */
export const eventOf = (decided: Decided): AuditEvent => ({
  userId: decided.facts.user.id,
  tenantId: decided.tenant.tenantId,
  at: decided.facts.now,
  event: DECISION_EVENT,
  details: { ...decisionRecord(decided) },
  keptDays: KEPT_DAYS,
});

const saysNothing = ({ next, decision }: Evaluation): boolean =>
  next.length === 0 &&
  decision.requirements.length === 0 &&
  decision.waivers.length === 0 &&
  decision.observed.length === 0;

export function decisionRecord({ tenant, facts, evaluation, occasion, handle }: Decided): DecisionRecord {
  const { decision, next } = evaluation;
  const { rules } = tenant.policy;
  const matched = matchedRules(tenant.policy, evaluation, facts);
  const { observed } = decision;
  const more = Math.max(0, matched.length - MAX_RULES) + Math.max(0, observed.length - MAX_RULES);
  const paths = rules.flatMap(({ reads }) => reads);
  return {
    occasion,
    result: resultOf(evaluation),
    policyHash: tenant.policyHash,
    ...(tenant.policyVersion === undefined ? {} : { policyVersion: tenant.policyVersion }),
    required: decision.requirements,
    next,
    ...(evaluation.ahead === undefined ? {} : { ahead: evaluation.ahead }),
    matched: matched.slice(0, MAX_RULES),
    observed: observed.slice(0, MAX_RULES),
    ...(more === 0 ? {} : { more }),
    waivers: decision.waivers,
    // Those of the rules that matched first: where a policy reads more than a record holds, they are in it.
    used: shownFacts(facts, [...matched.flatMap(({ reads }) => reads), ...paths]),
    ignored: ignoredFacts(paths),
    session: createHash('sha256').update(handle).digest('base64url').slice(0, 12),
  };
}

/** Those that are enforced and matched, in rule order. */
const matchedRules = ({ rules }: CompiledPolicy, { decision }: Evaluation, facts: Facts): readonly MatchedRule[] =>
  rules.flatMap(({ rule, reads }, at) => {
    const { matched, because, mode } = decision.rules[at]!;
    if (!matched || mode === 'observe') return [];
    return [{ ruleId: rule.id, because, asks: demandsOf(rule, facts).length > 0, reads }];
  });

function resultOf({ claim, decision }: Evaluation): DecisionRecord['result'] {
  if (!claim.v) return 'challenged';
  if (decision.requirements.length > 0) return 'satisfied';
  return decision.waivers.length > 0 ? 'waived' : 'not-asked';
}
