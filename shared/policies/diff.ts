import { createTwoFilesPatch, diffArrays, FILE_HEADERS_ONLY } from 'diff';
import * as v from 'valibot';
import { DEFAULT_POLICY } from '../mfa/policy-schema.ts';
import { canonicalJson } from './hash.ts';

/** One way in which two policies differ. */
export interface PolicyChange {
  /** Absent where it is not about one rule. */
  readonly ruleId?: string;
  readonly kind: 'added' | 'removed' | 'changed' | 'moved';
  /** The field that changed, of the rule or of the policy; one without `before` is new, one without `after` is gone. */
  readonly path?: string;
  /** The value; of a rule that moved, its place, from 0. */
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface PolicyDiff {
  /** Fields of the policy first, then rules in the order they have afterwards; those that went come last. */
  readonly changes: readonly PolicyChange[];
  /** A unified diff of both as JSON; empty where there is no difference. */
  readonly text: string;
}

/**
 * What is different between two policies. Where there is none, the default is meant. Neither has to be valid: one that
 * has no rules with ids differs as a whole.
 */
export function diffPolicies(
  before: unknown,
  after: unknown,
  names: { readonly before: string; readonly after: string } = { before: 'before', after: 'after' },
): PolicyDiff {
  const [from, to] = [before ?? DEFAULT_POLICY, after ?? DEFAULT_POLICY];
  if (isSame(from, to)) return { changes: [], text: '' };
  return { changes: changesOf(from, to), text: diffDocuments(from, to, names) };
}

/** A unified diff of two documents as JSON; empty where there is no difference. */
export const diffDocuments = (
  before: unknown,
  after: unknown,
  names: { readonly before: string; readonly after: string },
): string => (isSame(before, after) ? '' : unified(pretty(before), pretty(after), names));

/** Beyond this many lines that differ, the search for the shortest way takes minutes. */
const MAX_EDITS = 4_000;

function unified(from: string, to: string, names: { readonly before: string; readonly after: string }): string {
  const options = { context: 3, headerOptions: FILE_HEADERS_ONLY, maxEditLength: MAX_EDITS };
  const shortest = createTwoFilesPatch(names.before, names.after, from, to, undefined, undefined, options);
  if (shortest !== undefined) return shortest;
  const [out, into] = [from.trimEnd().split('\n'), to.trimEnd().split('\n')];
  return [
    `--- ${names.before}`,
    `+++ ${names.after}`,
    `@@ -1,${out.length} +1,${into.length} @@`,
    ...out.map((line) => `-${line}`),
    ...into.map((line) => `+${line}`),
    '',
  ].join('\n');
}

const RuleLike = v.looseObject({ id: v.string() });
type RuleLike = v.InferOutput<typeof RuleLike>;
const PolicyLike = v.pipe(
  v.looseObject({ rules: v.array(RuleLike) }),
  v.check(({ rules }) => new Set(rules.map(({ id }) => id)).size === rules.length),
);

function changesOf(before: unknown, after: unknown): readonly PolicyChange[] {
  const [from, to] = [v.safeParse(PolicyLike, before), v.safeParse(PolicyLike, after)];
  if (!from.success || !to.success) return [{ kind: 'changed', before, after }];
  const { rules: oldRules, ...oldFields } = from.output;
  const { rules: newRules, ...newFields } = to.output;
  const moved = movedBetween(idsOf(oldRules), idsOf(newRules));
  const known = new Map(oldRules.map((rule, index) => [rule.id, { rule, index }]));
  const remaining = new Set(idsOf(newRules));
  return [
    ...fieldChanges(oldFields, newFields),
    ...newRules.flatMap((rule, index): readonly PolicyChange[] => {
      const old = known.get(rule.id);
      if (old === undefined) return [{ ruleId: rule.id, kind: 'added', after: rule }];
      return [
        ...(moved.has(rule.id) ? [{ ruleId: rule.id, kind: 'moved', before: old.index, after: index } as const] : []),
        ...fieldChanges(old.rule, rule).map((change) => ({ ruleId: rule.id, ...change })),
      ];
    }),
    ...oldRules
      .filter(({ id }) => !remaining.has(id))
      .map((rule): PolicyChange => ({ ruleId: rule.id, kind: 'removed', before: rule })),
  ];
}

const idsOf = (rules: readonly RuleLike[]): string[] => rules.map(({ id }) => id);

/** The fewest rules that had to be moved to get from one order to the other; those that came or went are none. */
function movedBetween(before: string[], after: string[]): ReadonlySet<string> {
  const parts = diffArrays(before, after);
  const gone = new Set(parts.filter(({ removed }) => removed).flatMap(({ value }) => value));
  return gone.intersection(new Set(parts.filter(({ added }) => added).flatMap(({ value }) => value)));
}

type Fields = Readonly<Record<string, unknown>>;

function fieldChanges(before: Fields, after: Fields): readonly PolicyChange[] {
  return [...new Set([...Object.keys(after), ...Object.keys(before)])].flatMap((path): readonly PolicyChange[] => {
    const [old, now] = [before[path], after[path]];
    if (isSame(old, now)) return [];
    const values = { ...(old === undefined ? {} : { before: old }), ...(now === undefined ? {} : { after: now }) };
    return [{ kind: 'changed', path, ...values }];
  });
}

const isSame = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);

/** The table does not keep the order of names: the one people write them in. */
const ORDER = ['merge', 'immediate', 'rules', 'id', 'mode', 'when', 'unless', 'require', 'requireFrom'];
const rank = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);

/** As JSON for people, ends with a newline. */
export const pretty = (value: unknown): string => `${JSON.stringify(ordered(value), null, 2)}\n`;

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
      .map(([name, member]) => [name, ordered(member)]),
  );
}
