import { momentOf } from '../moment.ts';
import type { LintContext, LintedRule } from './context.ts';
import { type Finding, finding } from './finding.ts';

/** Fields of a rule that do nothing, or something else than one would think, beside its other fields. */
export function fieldFindings(rule: LintedRule, at: number, context: LintContext): readonly Finding[] {
  return CHECKS.flatMap((check) =>
    check(rule, (field) => ({ ruleId: rule.id, path: `rules.${at}.${field}` }), context),
  );
}

type Where = { readonly ruleId: string; readonly path: string };
type Check = (rule: LintedRule, where: (field: string) => Where, context: LintContext) => readonly Finding[];

const CHECKS: readonly Check[] = [
  ({ rollout }, where) =>
    rollout === 0 ? [finding('warning', 'never-matches', 'reaches nobody: its rollout is 0', where('rollout'))] : [],

  ({ from }, where, { now }) => {
    const moment = from === undefined ? undefined : momentOf(from);
    return moment !== undefined && now !== undefined && moment <= now
      ? [finding('info', 'from-past', `began on ${from}; the field can go`, where('from'))]
      : [];
  },

  ({ requireFrom, rollout }, where) =>
    requireFrom === 'user' && rollout !== undefined && rollout > 0 && rollout < 100
      ? [
          finding(
            'warning',
            'rollout-on-own-list',
            `${100 - rollout} per cent of those who switched a factor on are not asked for it`,
            { ...where('rollout'), suggestion: 'leave "rollout" out of a rule that takes the user\'s own list' },
          ),
        ]
      : [],

  ({ requireFrom, graceDays }, where) =>
    requireFrom === 'user' && graceDays !== undefined
      ? [
          finding(
            'warning',
            'grace-on-own-list',
            "a factor that an operator puts on somebody's list may stay away for the days of grace; one that is set up has none",
            { ...where('graceDays'), suggestion: 'leave "graceDays" out of a rule that takes the user\'s own list' },
          ),
        ]
      : [],

  ({ mode, graceDays }, where) =>
    mode === 'observe' && graceDays !== undefined
      ? [finding('info', 'no-effect', 'a rule that only observes gives no grace', where('graceDays'))]
      : [],

  ({ rememberable }, where, { tenant }) =>
    rememberable !== undefined && tenant.rememberDevice === undefined
      ? [finding('info', 'no-effect', 'the tenant remembers no devices', where('rememberable'))]
      : [],

  ({ requireFrom }, where, { tenant }) =>
    requireFrom === 'tenant' && (tenant.requiredSecondaryFactors ?? []).length === 0
      ? [finding('info', 'nothing-listed', 'asks nothing: requiredSecondaryFactors is empty', where('requireFrom'))]
      : [],
];
