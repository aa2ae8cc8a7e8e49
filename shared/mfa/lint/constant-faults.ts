import type { ASTNode } from '@marcbachmann/cel-js';
import { isNode } from '../conditions.ts';
import { isNetwork } from '../networks.ts';
import type { Compiled } from './expressions.ts';
import { type Finding, finding, positionAt } from './finding.ts';
import { isConstant, nodesIn, textOf, valueOf } from './syntax.ts';

/** Parts that fail whatever the facts: `timestamp('tomorrow')`, a network that is none, a pattern that is none. */
export async function constantFaults({ condition, rule, path, expression }: Compiled): Promise<readonly Finding[]> {
  const faults: Finding[] = [];
  const report = (node: ASTNode, failure: string) =>
    faults.push(
      finding('error', 'condition-fails', `fails for everybody, and so counts against everybody: ${failure}`, {
        ruleId: rule.id,
        path,
        position: positionAt(expression, node.start),
      }),
    );
  for (const node of constantParts(condition.ast)) {
    const result = await valueOf(node);
    if ('failure' in result) report(node, result.failure);
  }
  for (const node of nodesIn(condition.ast)) {
    const failure = literalFault(node);
    if (failure !== undefined) report(node, failure);
  }
  return faults;
}

/** The largest constant parts: what fails inside one that answers does no harm. */
function* constantParts(node: unknown): Generator<ASTNode> {
  if (Array.isArray(node)) for (const item of node) yield* constantParts(item);
  if (!isNode(node)) return;
  if (isConstant(node)) yield node;
  else yield* constantParts(node.args);
}

function literalFault(node: ASTNode): string | undefined {
  if (node.op === 'call' && node.args[0] === 'inNetwork') {
    const range = textOf(node.args[1][1]);
    return range === undefined || isNetwork(range) ? undefined : `'${range}' is not a network such as 203.0.113.0/24`;
  }
  if (node.op === 'rcall' && node.args[0] === 'matches') {
    const pattern = textOf(node.args[2][0]);
    return pattern === undefined || isPattern(pattern) ? undefined : `'${pattern}' is not a regular expression`;
  }
  return undefined;
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern) instanceof RegExp;
  } catch {
    return false;
  }
}
