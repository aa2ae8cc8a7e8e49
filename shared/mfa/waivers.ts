import type { DistinctProofs } from './distinct.ts';
import type { Facts } from './facts.ts';
import type { Demand, Waiver } from './policy.ts';
import { type Requirement, unmet } from './requirements.ts';

type Proofs = Pick<DistinctProofs, 'counted' | 'elsewhere'>;

/**
 * What stands for a demand of the tenant's policy, if anything does: the user's exemption for everything; the device for
 * what it has shown; the rule's grace for what the user has not set up yet.
 */
export function waiverOf(demand: Demand, facts: Facts, proofs: Proofs): Waiver | undefined {
  const { requirement, origins } = demand;
  const { now } = facts;
  if (isExempt(facts)) return { requirement, origins, by: 'exemption', until: facts.user.exemption.until };
  if (demand.always !== true && isRemembered(requirement, facts.session, proofs)) {
    return { requirement, origins, by: 'trusted-device' };
  }
  const { graceUntil: until } = demand;
  return until !== undefined && now < until && !isSetUp(requirement, facts, proofs)
    ? { requirement, origins, by: 'grace', until }
    : undefined;
}

type ExemptFacts = Facts & { readonly user: Required<Pick<Facts['user'], 'exemption'>> };

export const isExempt = (facts: Facts): facts is ExemptFacts =>
  facts.user.exemption !== undefined && facts.now < facts.user.exemption.until;

/**
 * A requirement that this session has not met, and that its device has, within the days the tenant gives.
 *
 * The whole requirement or nothing: of two factors in any order one alone stands for neither. What would prove nothing
 * new if it were shown in this session does not count for having been shown before.
 */
export function isRemembered(
  requirement: Requirement,
  { completed, trusted = {} }: Pick<Facts['session'], 'completed' | 'trusted'>,
  { counted, elsewhere }: Proofs,
): boolean {
  const asked = elsewhere(requirement);
  const here = counted(completed);
  const isMet = (shown: typeof completed) => asked.every((one) => unmet(one, shown).length === 0);
  return !isMet(here) && isMet({ ...counted(trusted), ...here });
}

/** The user owns all that this session would need to meet it: there is nothing to wait for. */
function isSetUp(requirement: Requirement, { user }: Facts, { counted, elsewhere }: Proofs): boolean {
  const owned = counted(Object.fromEntries(user.factorsSetUp.map((factor) => [factor, 0])));
  return elsewhere(requirement).every((one) => unmet(one, owned).length === 0);
}
