import type { ASTNode } from '@marcbachmann/cel-js';
import { pathOf } from '../guards.ts';
import { spelling } from './syntax.ts';

/**
 * Two operands that cannot both be true (of `&&`), or cannot both be false (of `||`), such as `user.id == 'a'` and
 * `user.id == 'b'`, or the two sides of "not a or not b".
 */
export function contradicts(operands: readonly ASTNode[], op: '&&' | '||'): readonly [ASTNode, ASTNode] | undefined {
  for (const [at, one] of operands.entries()) {
    const other = operands.slice(at + 1).find((later) => isOpposite(one, later) || clash(one, later, op));
    if (other !== undefined) return [one, other];
  }
  return undefined;
}

const isOpposite = (one: ASTNode, other: ASTNode): boolean =>
  (one.op === '!_' && spelling(one.args) === spelling(other)) ||
  (other.op === '!_' && spelling(other.args) === spelling(one)) ||
  areEqualAndNot(one, other);

function areEqualAndNot(one: ASTNode, other: ASTNode): boolean {
  const [a, b] = [equation(one), equation(other)];
  return a !== undefined && b !== undefined && a.isEqual !== b.isEqual && a.path === b.path && a.value === b.value;
}

/** `x == 'a' && x == 'b'`, and `x != 'a' || x != 'b'`. */
function clash(one: ASTNode, other: ASTNode, op: '&&' | '||'): boolean {
  const [a, b] = [equation(one), equation(other)];
  if (a === undefined || b === undefined || a.path !== b.path || a.value === b.value) return false;
  return op === '&&' ? a.isEqual && b.isEqual : !a.isEqual && !b.isEqual;
}

/** A fact compared with a text, either way round. Numbers are left alone: 1 and 1.0 are written otherwise and equal. */
function equation(
  node: ASTNode,
): { readonly path: string; readonly value: string; readonly isEqual: boolean } | undefined {
  if (node.op !== '==' && node.op !== '!=') return undefined;
  const [left, right] = node.args;
  const [fact, literal] = left.op === 'value' ? [right, left] : [left, right];
  const path = pathOf(fact);
  if (path === undefined || literal.op !== 'value' || typeof literal.args !== 'string') return undefined;
  return { path, value: literal.args, isEqual: node.op === '==' };
}
