import { type EvaluatedTenant, evaluate } from '../mfa/evaluate.ts';
import type { Facts } from '../mfa/facts.ts';
import type { UserStore } from '../ports.ts';
import { sessionEnded } from '../protocol-error.ts';

export type GraceDeps = { readonly users: Pick<UserStore, 'startGrace'> };

/**
 * The facts with every grace that begins with them stored: what is decided by them now is decided by them for ever.
 *
 * Costs nothing where no grace begins, which is always but once for each user and rule. Of parallel sign-ins the
 * deadline of one stands, and all of them go by it.
 *
 * @throws 401 for a user who was erased in this moment.
 */
export async function withGraceStored(tenant: EvaluatedTenant, facts: Facts, { users }: GraceDeps): Promise<Facts> {
  if (tenant.policy.rules.every(({ rule }) => rule.graceDays === undefined)) return facts;
  const { graceStarts } = evaluate(tenant, facts).decision;
  if (graceStarts.length === 0) return facts;
  const wanted = Object.fromEntries(graceStarts.map(({ ruleId, until }) => [ruleId, until]));
  const standing = await users.startGrace(facts.user.id, facts.tenant.id, wanted);
  if (standing === undefined) throw sessionEnded();
  return { ...facts, user: { ...facts.user, grace: { ...facts.user.grace, ...standing } } };
}
