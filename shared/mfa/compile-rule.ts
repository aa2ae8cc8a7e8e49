import { compileCondition, isFault } from './conditions.ts';
import type { Facts } from './facts.ts';
import { factsRead } from './guards.ts';
import { momentOf } from './moment.ts';
import type { PolicyFault } from './compile-policy.ts';
import type { CompiledRule } from './rule-outcome.ts';
import type { Rule } from './rule-schema.ts';

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
