import { isNode } from '../conditions.ts';
import type { LintContext } from './context.ts';
import type { Compiled } from './expressions.ts';
import { type Finding, finding, positionAt } from './finding.ts';
import { truthOf } from './truth.ts';

/** A condition that is the same for everybody. */
export async function truthFinding(compiled: Compiled, { now }: LintContext): Promise<readonly Finding[]> {
  const { condition, rule, field, path, expression } = compiled;
  if (!isNode(condition.ast)) return [];
  const truth = await truthOf(condition.ast, now);
  if (truth === undefined) return [];
  const where = { ruleId: rule.id, path, position: positionAt(expression, truth.node.start) };
  if (field === 'unless') {
    return truth.value
      ? [finding('warning', 'never-matches', `excepts everybody: ${truth.why}`, where)]
      : [finding('info', 'no-effect', `excepts nobody: ${truth.why}`, where)];
  }
  return truth.value
    ? [
        finding('warning', 'always-matches', `holds for everybody: ${truth.why}`, {
          ...where,
          suggestion: 'leave "when" out',
        }),
      ]
    : [finding('warning', 'never-matches', `holds for nobody: ${truth.why}`, where)];
}
