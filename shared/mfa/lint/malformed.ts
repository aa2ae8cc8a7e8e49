import * as v from 'valibot';
import { FACTORS } from '../factor.ts';
import { type Finding, finding } from './finding.ts';
import { closest } from './suggest.ts';

const FIELDS = {
  policy: ['rules', 'merge', 'immediate'],
  rule: ['id', 'when', 'unless', 'require', 'requireFrom', 'rememberable', 'rollout', 'from', 'graceDays', 'mode'],
  requirement: ['oneOf', 'allOfInAnyOrder'],
} as const;

/** What is wrong with a document's shape, in words; `path` is where. */
export const malformedFindings = (document: unknown, issues: readonly v.BaseIssue<unknown>[]): readonly Finding[] =>
  issues.map((issue) => ofIssue(document, issue));

function ofIssue(document: unknown, issue: v.BaseIssue<unknown>): Finding {
  const path = v.getDotPath(issue) ?? '';
  const { message, suggestion } = told(path, issue);
  return finding('error', 'malformed', `${path === '' ? 'the policy' : path}: ${message}`, {
    ruleId: ruleIdAt(document, path),
    path: path === '' ? undefined : path,
    suggestion,
  });
}

function told(path: string, issue: v.BaseIssue<unknown>): { message: string; suggestion?: string | undefined } {
  const name = path.split('.').at(-1) ?? '';
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const near = closest(name, fieldsAt(path));
    return {
      message: `is not a field we know (there are ${fieldsAt(path).join(', ')})`,
      suggestion: near === undefined ? undefined : `did you mean "${near}"?`,
    };
  }
  if (issue.received === 'undefined') return { message: 'is missing' };
  if (/\.(require|oneOf|allOfInAnyOrder)\.\d+$/.test(path) && typeof issue.input === 'string') {
    const near = closest(issue.input, Object.keys(FACTORS));
    return {
      message: `${JSON.stringify(issue.input).slice(0, 60)} is not a factor id`,
      suggestion: near === undefined ? undefined : `did you mean "${near}"?`,
    };
  }
  if (/^Invalid (type|key)/.test(issue.message)) {
    return { message: `must be ${KINDS[issue.expected ?? ''] ?? issue.expected}, and is ${kindOf(issue.input)}` };
  }
  return { message: issue.message.replace(/ but received .*$/s, '') };
}

function fieldsAt(path: string): readonly string[] {
  const depth = path.split('.').length;
  if (depth <= 1) return FIELDS.policy;
  return depth <= 3 ? FIELDS.rule : FIELDS.requirement;
}

const KINDS: Readonly<Record<string, string>> = {
  Array: 'a list',
  Object: 'an object',
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
};

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : (KINDS[typeof value] ?? `an ${typeof value}`);

function ruleIdAt(document: unknown, path: string): string | undefined {
  const at = /^rules\.(\d+)/.exec(path)?.[1];
  const parsed = v.safeParse(v.object({ rules: v.array(v.unknown()) }), document);
  if (at === undefined || !parsed.success) return undefined;
  const rule = v.safeParse(v.object({ id: v.string() }), parsed.output.rules[Number(at)]);
  return rule.success ? rule.output.id.slice(0, 40) : undefined;
}
