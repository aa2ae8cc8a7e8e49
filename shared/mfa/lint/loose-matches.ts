import type { ASTNode } from '@marcbachmann/cel-js';
import { pathOf } from '../guards.ts';
import type { Compiled } from './expressions.ts';
import { type Finding, finding, positionAt } from './finding.ts';
import { nodesIn, textOf } from './syntax.ts';

/** Matches that take in more than they seem to: part of a domain, part of a network's number. */
export function looseMatches({ condition, rule, path, expression }: Compiled): readonly Finding[] {
  return callsIn(condition.ast).flatMap(({ node, of, method, literal }) => {
    const loose = looseness(of, method, literal);
    if (loose === undefined) return [];
    const where = { ruleId: rule.id, path, position: positionAt(expression, node.start), suggestion: loose.suggestion };
    return [finding('warning', 'loose-match', loose.says, where)];
  });
}

interface Call {
  readonly node: ASTNode;
  readonly of: 'ip' | 'email';
  readonly method: string;
  readonly literal: string;
}

function callsIn(ast: unknown): readonly Call[] {
  const nodes = [...nodesIn(ast)];
  // `user.emails.exists(e, …)`: within it, `e` is an address.
  const addresses = nodes.flatMap((node) =>
    node.op === 'rcall' && pathOf(node.args[1]) === 'user.emails' ? (pathOf(node.args[2][0]) ?? []) : [],
  );
  return nodes.flatMap((node): readonly Call[] => {
    if (node.op !== 'rcall') return [];
    const [method, receiver, args] = node.args;
    const [path = '', literal] = [pathOf(receiver), textOf(args[0])];
    const of = path === 'request.ip' ? 'ip' : addresses.includes(path) ? 'email' : undefined;
    return of === undefined || literal === undefined ? [] : [{ node, of, method, literal }];
  });
}

function looseness(
  of: 'ip' | 'email',
  method: string,
  literal: string,
): { readonly says: string; readonly suggestion?: string } | undefined {
  if (of === 'email' && (method === 'endsWith' || method === 'contains')) {
    const domain = literal.replace(/^@/, '').toLowerCase();
    if (literal !== literal.toLowerCase()) {
      return { says: 'addresses are kept in lower case, so this never matches', suggestion: `endsWith('@${domain}')` };
    }
    if (method === 'contains' || !literal.includes('@')) {
      return { says: `matches somebody@not-${domain} as well`, suggestion: `endsWith('@${domain}')` };
    }
  }
  if (of === 'ip' && method === 'startsWith' && /^[\d.]+$/.test(literal) && !literal.endsWith('.')) {
    const says = `matches ${literal}0 to ${literal}9 as well`;
    return { says, suggestion: `startsWith('${literal}.'), or inNetwork(request.ip, '203.0.113.0/24')` };
  }
  return undefined;
}
