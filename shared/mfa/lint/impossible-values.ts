import type { ASTNode } from '@marcbachmann/cel-js';
import { FACTORS, isKnownFactor, OFFERED_FIRST_FACTORS } from '../factor.ts';
import { pathOf } from '../guards.ts';
import type { LintOptions } from './context.ts';
import type { Compiled } from './expressions.ts';
import { type Finding, finding, positionAt } from './finding.ts';
import { closest } from './suggest.ts';
import { nodesIn, textOf } from './syntax.ts';

const FACTOR_LISTS = new Set([
  'user.requiredFactors',
  'user.factorsSetUp',
  'session.completed',
  'tenant.requiredSecondaryFactors',
]);

/** Facts compared with what they never are. */
export function impossibleValues(
  { condition, rule, path, expression }: Compiled,
  { knowsCountry }: Pick<LintOptions, 'knowsCountry'>,
): readonly Finding[] {
  const report = (node: ASTNode, message: string, suggestion?: string) =>
    finding('warning', 'impossible-value', message, {
      ruleId: rule.id,
      path,
      position: positionAt(expression, node.start),
      suggestion,
    });
  const readsCountry =
    knowsCountry === false ? [...nodesIn(condition.ast)].find((node) => pathOf(node) === 'request.country') : undefined;
  return [
    ...comparisonsIn(condition.ast).flatMap(({ fact, literal, node }) => {
      const message = impossible(fact, literal);
      return message === undefined ? [] : [report(node, message.says, message.suggestion)];
    }),
    ...(readsCountry === undefined
      ? []
      : [
          finding('warning', 'country-unknown', 'request.country is always empty: no distribution in front says it', {
            ruleId: rule.id,
            path,
            position: positionAt(expression, readsCountry.start),
            suggestion: 'deploy with hostedPages',
          }),
        ]),
  ];
}

interface Comparison {
  readonly fact: string;
  readonly literal: string;
  readonly node: ASTNode;
}

/** `fact == 'x'`, `fact != 'x'`, `fact in ['x', 'y']` and `'x' in fact`. */
const comparisonsIn = (ast: unknown): readonly Comparison[] =>
  [...nodesIn(ast)].flatMap((node) => {
    if (node.op !== '==' && node.op !== '!=' && node.op !== 'in') return [];
    const [left, right] = node.args;
    const listed = node.op === 'in' && right.op === 'list' ? right.args : [right];
    return [...listed.flatMap((item) => pair(left, item, node)), ...pair(right, left, node)];
  });

function pair(factNode: ASTNode, literalNode: ASTNode, node: ASTNode): readonly Comparison[] {
  const [fact, literal] = [pathOf(factNode), textOf(literalNode)];
  return fact === undefined || literal === undefined ? [] : [{ fact, literal, node }];
}

function impossible(
  fact: string,
  literal: string,
): { readonly says: string; readonly suggestion?: string } | undefined {
  const known = fact === 'session.firstFactor' ? OFFERED_FIRST_FACTORS : Object.keys(FACTORS);
  if (fact === 'session.firstFactor' || FACTOR_LISTS.has(fact)) {
    if (fact === 'session.firstFactor' ? known.includes(literal) : isKnownFactor(literal)) return undefined;
    const near = closest(literal, known);
    const says =
      fact === 'session.firstFactor'
        ? `no session begins with '${literal}'`
        : `${fact} never contains '${literal}': it is not a factor`;
    return { says, ...(near === undefined ? {} : { suggestion: `did you mean '${near}'?` }) };
  }
  if (fact === 'user.emails' && literal !== literal.toLowerCase()) {
    return { says: 'addresses are kept in lower case', suggestion: `'${literal.toLowerCase()}'` };
  }
  if (fact === 'user.phones' && !/^\+[1-9]\d{5,14}$/.test(literal)) {
    return { says: `phone numbers are kept as +36301234567, and '${literal}' is not one` };
  }
  if (fact === 'request.country' && literal !== '' && !/^[A-Z]{2}$/.test(literal)) {
    const code = literal.toUpperCase();
    const says = `countries are two capital letters, such as HU, and '${literal}' is not one`;
    return { says, ...(/^[A-Z]{2}$/.test(code) ? { suggestion: `'${code}'` } : {}) };
  }
  return undefined;
}
