import { type ConditionFault, environment, READABLE } from '../conditions.ts';
import { pathOf } from '../guards.ts';
import type { Compiled, Written } from './expressions.ts';
import { type Finding, finding, type LintCode, positionAt } from './finding.ts';
import { closest } from './suggest.ts';
import { nodesIn } from './syntax.ts';

/** Why a condition does not compile: where, and what was probably meant. */
export async function faultFinding(fault: ConditionFault, written: Written): Promise<Finding> {
  const { rule, field, path, expression } = written;
  const at = fault.at?.start ?? 0;
  const { code, suggestion } = await explained(fault, expression);
  const words = fault.message.split('\n')[0]!;
  return finding('error', code, field === 'when' ? words : `"unless": ${words}`, {
    ruleId: rule.id,
    path,
    position: positionAt(expression, at),
    suggestion,
  });
}

/** `has(user.plan)`: the library takes it, and it is false for everybody. */
export function unknownAsked({ condition, rule, path, expression }: Compiled): readonly Finding[] {
  return [...nodesIn(condition.ast)].flatMap((node) => {
    const asked = node.op === 'call' && node.args[0] === 'has' ? node.args[1][0] : undefined;
    const [root = '', field] = pathOf(asked)?.split('.') ?? [];
    if (asked === undefined || field === undefined || !Object.hasOwn(ROOTS, root)) return [];
    if (fieldsOf(root).includes(`${root}.${field}`)) return [];
    const where = { ruleId: rule.id, path, position: positionAt(expression, asked.start) };
    const suggestion = meant(fieldMeant(field, `${root}.`, root.length + 1));
    return [finding('error', 'condition-unknown-name', `No such key: ${field}`, { ...where, suggestion })];
  });
}

interface Explained {
  readonly code: LintCode;
  readonly suggestion?: string | undefined;
}

async function explained(fault: ConditionFault, expression: string): Promise<Explained> {
  const name = /: (\S+)$/.exec(fault.message.split('\n')[0]!)?.[1] ?? '';
  switch (fault.reason) {
    case 'unknown_variable':
      return { code: 'condition-unknown-name', suggestion: meant(nameMeant(name)) };
    case 'no_such_key':
      return { code: 'condition-unknown-name', suggestion: meant(fieldMeant(name, expression, fault.at?.start ?? 0)) };
    case 'no_matching_overload':
      return functionMeant(fault.message);
    case 'no_such_overload':
      return { code: 'condition-type', suggestion: operatorMeant(fault.message) };
    case undefined:
    default:
      return { code: `condition-${fault.code}`, suggestion: spellingMeant(fault, expression) };
  }
}

const meant = (name: string | undefined): string | undefined =>
  name === undefined ? undefined : `did you mean ${name}?`;

const ROOTS: Readonly<Record<string, object>> = READABLE;
const fieldsOf = (root: string): readonly string[] =>
  Object.hasOwn(ROOTS, root) ? Object.keys(ROOTS[root]!).map((field) => `${root}.${field}`) : [];
const ALL_FIELDS = Object.keys(ROOTS).flatMap(fieldsOf);
const lastOf = (path: string): string => path.slice(path.indexOf('.') + 1);

/** `usr` is `user`; `roles` by itself is `user.roles`. */
function nameMeant(name: string): string | undefined {
  const field = ALL_FIELDS.find((path) => lastOf(path) === name);
  return field ?? closest(name, [...Object.keys(ROOTS), 'now']) ?? fieldLike(name, ALL_FIELDS);
}

function fieldMeant(name: string, expression: string, start: number): string | undefined {
  const root = (/(\w+)\s*\.\s*$/.exec(expression.slice(0, start)) ?? /^(\w+)/.exec(expression.slice(start)))?.[1] ?? '';
  const own = fieldLike(name, fieldsOf(root));
  if (own !== undefined) return own;
  // Of metadata anything may be a key.
  if (root === 'user' || root === 'tenant') return fieldLike(name, ALL_FIELDS) ?? `${root}.metadata.${name}`;
  return fieldLike(name, ALL_FIELDS);
}

function fieldLike(name: string, paths: readonly string[]): string | undefined {
  const field = closest(name, paths.map(lastOf));
  return paths.find((path) => lastOf(path) === field);
}

/** A function there is, used otherwise than it may be, or a name there is not. */
async function functionMeant(message: string): Promise<Explained> {
  const [, receiver, name = '', given = ''] = /'(?:(.*)\.)?(\w+)\((.*)\)'/.exec(message) ?? [];
  const { functions } = (await environment()).getDefinitions();
  const known = functions.filter((one) => one.name === name);
  if (known.length === 0) {
    return {
      code: 'condition-unknown-name',
      suggestion: meant(
        closest(
          name,
          functions.map((one) => one.name),
        ),
      ),
    };
  }
  if (receiver?.startsWith('list') === true && name === 'contains') {
    return { code: 'condition-type', suggestion: "of a list write 'value' in list" };
  }
  const forms = [...new Set(known.map(({ signature }) => signature))].slice(0, 3).join(', ');
  return { code: 'condition-type', suggestion: `${name} takes no (${given}) here; it is ${forms}` };
}

function operatorMeant(message: string): string | undefined {
  const [, left = '', operator, right = ''] = /overload: (.+) (==|!=|in) (.+)$/.exec(message.split('\n')[0]!) ?? [];
  if (operator === undefined) return undefined;
  const [leftIsList, rightIsList] = [left.startsWith('list'), right.startsWith('list')];
  if (operator !== 'in' && leftIsList !== rightIsList) return "of a list write 'value' in list";
  if (operator === 'in' && leftIsList && !rightIsList) return "the value stands first: 'value' in list";
  return undefined;
}

const WRITTEN_IN_OTHER_LANGUAGES: readonly (readonly [RegExp, string])[] = [
  [/^=(?!=)/, 'two things are compared with =='],
  [/^&(?!&)/, '"and" is written &&'],
  [/^\|(?!\|)/, '"or" is written ||'],
  [/^and\b/i, '"and" is written &&'],
  [/^or\b/i, '"or" is written ||'],
  [/^not\b/i, '"not" is written !'],
];

function spellingMeant({ at, reason }: ConditionFault, expression: string): string | undefined {
  if (reason === 'unterminated_string') return 'close the text with the mark that opened it';
  const rest = expression.slice(at?.start ?? 0).trimStart();
  // The library's place may be one word further on: it takes `and` for a name and stumbles over what follows.
  const before = /(\w+)\s*$/.exec(expression.slice(0, at?.start ?? 0))?.[1] ?? '';
  return WRITTEN_IN_OTHER_LANGUAGES.find(([pattern]) => pattern.test(rest) || pattern.test(before))?.[1];
}
