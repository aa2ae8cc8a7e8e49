import { type ASTNode, serialize } from '@marcbachmann/cel-js';
import { environment, isNode } from '../conditions.ts';

/** Reading an expression's syntax tree. */

/** Every node, from the outside in. */
export function* nodesIn(node: unknown): Generator<ASTNode> {
  if (Array.isArray(node)) for (const item of node) yield* nodesIn(item);
  if (!isNode(node)) return;
  yield node;
  yield* nodesIn(node.args);
}

export function findNode(ast: unknown, matches: (node: ASTNode) => boolean): ASTNode | undefined {
  for (const node of nodesIn(ast)) if (matches(node)) return node;
  return undefined;
}

/** A literal's text; undefined for anything else. */
export const textOf = (node: unknown): string | undefined =>
  isNode(node) && node.op === 'value' && typeof node.args === 'string' ? node.args : undefined;

/** One spelling for one meaning: without the spaces and needless parentheses that it was written with. */
export const spelling = (node: ASTNode): string => serialize(node);

/** It speaks of no fact and no macro's variable: whatever it gives, it gives to everybody. */
export const isConstant = (node: ASTNode): boolean => findNode(node, ({ op }) => op === 'id') === undefined;

/** The operands of `a && b && c`, or of `a || b || c`. */
export function operandsOf(node: ASTNode, op: '&&' | '||'): readonly ASTNode[] {
  return node.op === op ? node.args.flatMap((operand) => operandsOf(operand, op)) : [node];
}

export type Value = { readonly value: unknown } | { readonly failure: string };

/** What a constant expression gives. */
export async function valueOf(node: ASTNode): Promise<Value> {
  try {
    return { value: (await environment()).evaluate(spelling(node)) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message.split('\n')[0]! : 'it cannot be evaluated' };
  }
}
