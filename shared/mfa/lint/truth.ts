import type { ASTNode } from '@marcbachmann/cel-js';
import { READABLE } from '../conditions.ts';
import { pathOf } from '../guards.ts';
import { contradicts } from './contradictions.ts';
import { isConstant, operandsOf, spelling, valueOf } from './syntax.ts';

/** True or false whatever the facts, and why; undefined where it depends on them, or where that cannot be seen. */
export type Truth = { readonly value: boolean; readonly why: string; readonly node: ASTNode } | undefined;

/**
 * What a condition always is. Sound and not complete: what is found holds for every user, and not everything that
 * holds is found.
 *
 * @param now epoch milliseconds: a time that is over stays over.
 */
export async function truthOf(node: ASTNode, now: number | undefined): Promise<Truth> {
  const as = (value: boolean, why: string): Truth => ({ value, why, node });
  if (isConstant(node)) {
    const result = await valueOf(node);
    return 'value' in result && typeof result.value === 'boolean'
      ? as(result.value, `${shown(node)} is ${result.value}`)
      : undefined;
  }
  if (node.op === '&&' || node.op === '||') return ofOperands(node, node.op, now);
  if (node.op === '!_') {
    const inner = await truthOf(node.args, now);
    return inner === undefined ? undefined : { ...inner, value: !inner.value };
  }
  if (node.op === '?:') {
    const [asked, yes, no] = node.args;
    const truth = await truthOf(asked, now);
    return truth === undefined ? undefined : truthOf(truth.value ? yes : no, now);
  }
  if (node.op === 'call' && node.args[0] === 'has') {
    const isDeclared = isFact(pathOf(node.args[1][0]));
    return isDeclared ? as(true, `${shown(node)} is true for everybody`) : undefined;
  }
  return comparison(node, now);
}

async function ofOperands(node: ASTNode, op: '&&' | '||', now: number | undefined): Promise<Truth> {
  const decisive = op === '||';
  const operands = operandsOf(node, op);
  const truths = await Promise.all(operands.map((operand) => truthOf(operand, now)));
  const decided = truths.find((truth) => truth?.value === decisive);
  if (decided !== undefined) return decided;
  const clash = contradicts(operands, op);
  if (clash !== undefined) {
    const words = clash.map(shown).join(' and ');
    return { value: decisive, why: decisive ? `one of ${words} is always true` : `${words} exclude each other`, node };
  }
  return truths.every((truth) => truth !== undefined) ? truths[0] : undefined;
}

/** Comparisons of a thing with itself, of a size with less than nothing, and of now with a time that is over. */
async function comparison(node: ASTNode, now: number | undefined): Promise<Truth> {
  const as = (value: boolean, why: string): Truth => ({ value, why, node });
  if (node.op === 'in') {
    return node.args[1].op === 'list' && node.args[1].args.length === 0 ? as(false, 'the list is empty') : undefined;
  }
  if (!isComparison(node)) return undefined;
  const [left, right] = node.args;
  if (spelling(left) === spelling(right)) {
    return as(['==', '<=', '>='].includes(node.op), `${shown(left)} is compared with itself`);
  }
  return (
    (await againstConstant(left, right, node.op, as, now)) ?? againstConstant(right, left, MIRRORED[node.op], as, now)
  );
}

const isComparison = (node: ASTNode): node is Extract<ASTNode, { op: keyof typeof MIRRORED }> =>
  Object.hasOwn(MIRRORED, node.op);

const MIRRORED = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

async function againstConstant(
  side: ASTNode,
  other: ASTNode,
  op: keyof typeof MIRRORED,
  as: (value: boolean, why: string) => Truth,
  now: number | undefined,
): Promise<Truth> {
  if (!isConstant(other)) return undefined;
  const result = await valueOf(other);
  const value = 'value' in result ? result.value : undefined;
  if (isSize(side) && typeof value === 'bigint') {
    if (value < 0n) return as(['!=', '>', '>='].includes(op), 'a size is never less than 0');
    if (value === 0n && (op === '<' || op === '>=')) return as(op === '>=', 'a size is never less than 0');
    return undefined;
  }
  if (side.op !== 'id' || side.args !== 'now' || !(value instanceof Date) || now === undefined) return undefined;
  if (value.getTime() > now || op === '==' || op === '!=') return undefined;
  return as(op === '>' || op === '>=', `${shown(other)} is over`);
}

const isSize = (node: ASTNode): boolean =>
  (node.op === 'call' && node.args[0] === 'size') || (node.op === 'rcall' && node.args[0] === 'size');

function isFact(path: string | undefined): boolean {
  const [root = '', field = '', ...more] = (path ?? '').split('.');
  return (
    more.length === 0 &&
    Object.entries(READABLE).some(([name, fields]) => name === root && Object.hasOwn(fields, field))
  );
}

const shown = (node: ASTNode): string => {
  const text = spelling(node);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
};
