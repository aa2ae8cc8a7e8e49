import type { Facts } from './facts.ts';
import { isReached } from './rollout.ts';
import type { Rule } from './rule-schema.ts';

export interface CompiledRule {
  readonly rule: Rule;
  /** Paths of the facts that decide whether it matches and what it asks: see `factsRead`. */
  readonly reads: readonly string[];
  /** `when`. @throws when it cannot be evaluated on these facts. */
  readonly applies: (facts: Facts) => boolean;
  /** `unless`. @throws when it cannot be evaluated on these facts. */
  readonly isExcepted: (facts: Facts) => boolean;
  /** Epoch milliseconds; absent: always was. */
  readonly from?: number;
}

/** Why a rule matched, or the first reason for which it did not. */
export type Reason = 'always' | 'condition' | 'fault' | 'unless' | 'from' | 'rollout';

/** What became of one rule. */
export interface RuleOutcome {
  readonly ruleId: string;
  readonly matched: boolean;
  readonly because: Reason;
  readonly mode: 'enforce' | 'observe';
}

/**
 * Does the rule match? Its conditions are asked before its dates and shares, so that whom a rule never means is not
 * said to have been spared by its roll-out.
 *
 * What cannot be evaluated counts against the user: `when` as true, `unless` as false. So does a time that is none.
 *
 * @returns the outcome, and what could not be evaluated.
 */
export function outcomeOf(
  compiled: CompiledRule,
  facts: Facts,
): { readonly outcome: RuleOutcome; readonly faults: readonly string[] } {
  const { rule } = compiled;
  const when = attempt(() => compiled.applies(facts), true);
  const unless = when.value ? attempt(() => compiled.isExcepted(facts), false) : undefined;
  const faults = [
    ...(when.fault === undefined ? [] : [when.fault]),
    ...(unless?.fault === undefined ? [] : [`unless: ${unless.fault}`]),
  ];
  const mode = rule.mode ?? 'enforce';
  const as = (matched: boolean, because: Reason) => ({ outcome: { ruleId: rule.id, matched, because, mode }, faults });

  if (!when.value) return as(false, 'condition');
  if (unless?.value === true) return as(false, 'unless');
  if (compiled.from !== undefined && facts.now < compiled.from) return as(false, 'from');
  if (rule.rollout !== undefined && !isReached(facts.user.id, rule.id, rule.rollout)) return as(false, 'rollout');
  if (faults.length > 0) return as(true, 'fault');
  return as(true, rule.when === undefined ? 'always' : 'condition');
}

function attempt(ask: () => boolean, otherwise: boolean): { readonly value: boolean; readonly fault?: string } {
  try {
    return { value: ask() };
  } catch (error) {
    return { value: otherwise, fault: error instanceof Error ? error.message.split('\n')[0]! : 'failed' };
  }
}
