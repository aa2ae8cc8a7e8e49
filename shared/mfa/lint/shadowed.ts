import { factorsIn, type Requirement } from '../requirements.ts';
import { type LintContext, type LintedRule, requirementsOf } from './context.ts';
import { type Finding, finding } from './finding.ts';

/**
 * Rules that add nothing: an earlier one asks everybody for as much, or asks the same people for the same.
 *
 * Terms count: a rule that asks on trusted devices too is not shadowed by one that does not, nor one without grace by one
 * with it. An observing rule is shadowed by nothing, since it reports.
 */
export function shadowFindings(context: LintContext): readonly Finding[] {
  const { rules } = context.policy;
  return rules.flatMap((rule, at) => {
    if (rule.mode === 'observe') return [];
    const earlier = rules.slice(0, at).filter((one) => one.mode !== 'observe' && termsCover(one, rule));
    const where = { ruleId: rule.id, path: `rules.${at}` };
    const shadow = earlier.find((one) => isForEverybody(one) && asksAsMuch(one, rule, context));
    if (shadow !== undefined) {
      const message = `adds nothing: "${shadow.id}" asks everybody for as much already`;
      return [
        finding('warning', 'shadowed', message, {
          ...where,
          suggestion: `take "${rule.id}" out, or narrow "${shadow.id}"`,
        }),
      ];
    }
    const twin = earlier.find((one) => isForTheSame(one, rule) && asksAsMuch(one, rule, context));
    if (twin === undefined) return [];
    const message = `adds nothing: "${twin.id}" has the same condition and asks for as much`;
    return [finding('warning', 'duplicate-rule', message, { ...where, suggestion: `take "${rule.id}" out` })];
  });
}

const isForEverybody = (rule: LintedRule): boolean =>
  rule.when === undefined && rule.unless === undefined && (rule.rollout ?? 100) === 100 && rule.from === undefined;

/** A roll-out picks its people by the rule's id: two with one share have not the same people. */
const isForTheSame = (one: LintedRule, other: LintedRule): boolean =>
  plain(one.when) === plain(other.when) &&
  plain(one.unless) === plain(other.unless) &&
  one.from === other.from &&
  (one.rollout ?? 100) === 100;

const plain = (expression: string | undefined): string => (expression ?? '').replace(/\s+/g, ' ').trim();

const termsCover = (one: LintedRule, other: LintedRule): boolean =>
  (one.rememberable === false || other.rememberable !== false) &&
  (one.graceDays === undefined || (other.graceDays !== undefined && one.graceDays <= other.graceDays));

function asksAsMuch(one: LintedRule, other: LintedRule, context: LintContext): boolean {
  if (other.requireFrom !== undefined && one.requireFrom === other.requireFrom) return true;
  // Merged lists ask for less than each list says.
  if (one.requireFrom !== undefined || other.requireFrom === 'user') return false;
  const [has, wants] = [requirementsOf(one, context), requirementsOf(other, context)];
  return wants.length > 0 && wants.every((wanted) => has.some((given) => implies(given, wanted)));
}

/** Whatever meets the one meets the other. */
export function implies(one: Requirement, other: Requirement): boolean {
  const wanted = factorsIn(other);
  if (isChoice(one)) return isChoice(other) && factorsIn(one).every((factor) => wanted.includes(factor));
  const given = factorsIn(one);
  return isChoice(other)
    ? given.some((factor) => wanted.includes(factor))
    : wanted.every((factor) => given.includes(factor));
}

/** Of one factor there is nothing to choose. */
const isChoice = (requirement: Requirement): boolean =>
  typeof requirement === 'object' && 'oneOf' in requirement && new Set(requirement.oneOf).size > 1;
