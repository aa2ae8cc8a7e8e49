import { compileCondition, isFault } from './conditions.ts';
import type { Facts } from './facts.ts';
import { factsRead } from './guards.ts';
import type { PolicyFault } from './policy.ts';
import { isReached } from './rollout.ts';
import { momentOf, type Rule } from './rule-schema.ts';

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

/** @returns the first fault of its conditions instead, where there is one. */
export async function compileRule(rule: Rule): Promise<CompiledRule | PolicyFault> {
  const applies = await compileOf(rule, 'when', true);
  if ('level' in applies) return applies;
  const isExcepted = await compileOf(rule, 'unless', false);
  if ('level' in isExcepted) return isExcepted;
  const from = rule.from === undefined ? undefined : momentOf(rule.from);
  return {
    rule,
    reads: [...new Set([...applies.reads, ...isExcepted.reads, ...otherReads(rule)])],
    applies: applies.evaluate,
    isExcepted: isExcepted.evaluate,
    ...(from === undefined ? {} : { from }),
  };
}

/** What a rule looks at without a condition. */
const otherReads = ({ requireFrom, rollout, from }: Rule): readonly string[] => [
  ...(requireFrom === 'user' ? ['user.requiredFactors'] : []),
  ...(requireFrom === 'tenant' ? ['tenant.requiredSecondaryFactors'] : []),
  ...(rollout === undefined ? [] : ['user.id']),
  ...(from === undefined ? [] : ['now']),
];

/** @param absent what holds without the field. */
async function compileOf(
  rule: Rule,
  field: 'when' | 'unless',
  absent: boolean,
): Promise<{ readonly evaluate: (facts: Facts) => boolean; readonly reads: readonly string[] } | PolicyFault> {
  const expression = rule[field];
  if (expression === undefined) return { evaluate: () => absent, reads: [] };
  const name = field === 'when' ? 'the condition' : '"unless"';
  const condition = await compileCondition(expression);
  if (isFault(condition)) {
    const message = field === 'when' ? condition.message : `${name}: ${condition.message}`;
    return { level: 'error', code: `condition-${condition.code}`, ruleId: rule.id, message };
  }
  if (condition.type !== 'bool' && condition.type !== 'dyn') {
    return {
      level: 'error',
      code: 'condition-type',
      ruleId: rule.id,
      message: `${name} is a ${condition.type}, not true or false`,
    };
  }
  return {
    reads: factsRead(condition.ast),
    evaluate: (facts) => {
      const value = condition.evaluate(facts);
      if (typeof value !== 'boolean') throw new TypeError(`${name} did not give true or false`);
      return value;
    },
  };
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
