import type { Facts } from './facts.ts';
import type { Rule } from './rule-schema.ts';

const DAY_MS = 86_400_000;

/** A grace that begins now, to be stored before anything is issued on the strength of it. */
export interface GraceStart {
  readonly ruleId: string;
  /** Epoch milliseconds. */
  readonly until: number;
}

/** When the user's grace for this rule began: the deadline that was stored then. Epoch milliseconds. */
export function standingDeadline({ id }: Pick<Rule, 'id'>, { user }: Facts): number | undefined {
  // Own members only: a rule may be called `constructor`.
  return user.grace !== undefined && Object.hasOwn(user.grace, id) ? user.grace[id] : undefined;
}

const deadlineFromNow = (graceDays: number, now: number): number => now + graceDays * DAY_MS;

/** Until when what the rule demands need not be shown by who cannot; a grace that has not begun begins now. */
export const graceOf = (rule: Rule, facts: Facts): number | undefined =>
  rule.graceDays === undefined
    ? undefined
    : (standingDeadline(rule, facts) ?? deadlineFromNow(rule.graceDays, facts.now));

/**
 * The grace that a rule which demands something begins, if it gives one and has not yet.
 *
 * It begins for those as well who have set everything up: a factor that is taken away later opens no new grace.
 */
export const startOf = (rule: Rule, facts: Facts): readonly GraceStart[] =>
  rule.graceDays === undefined || standingDeadline(rule, facts) !== undefined
    ? []
    : [{ ruleId: rule.id, until: deadlineFromNow(rule.graceDays, facts.now) }];
