import type { DistinctProofs } from './distinct.ts';
import type { Facts } from './facts.ts';
import { type Requirement, unmet } from './requirements.ts';

/**
 * A requirement that this session has not met, and that its device has, within the days the tenant gives.
 *
 * The whole requirement or nothing: of two factors in any order one alone stands for neither. What would prove nothing
 * new if it were shown in this session does not count for having been shown before.
 */
export function isRemembered(
  requirement: Requirement,
  { completed, trusted = {} }: Pick<Facts['session'], 'completed' | 'trusted'>,
  { counted, elsewhere }: Pick<DistinctProofs, 'counted' | 'elsewhere'>,
): boolean {
  const asked = elsewhere(requirement);
  const here = counted(completed);
  const isMet = (shown: typeof completed) => asked.every((one) => unmet(one, shown).length === 0);
  return !isMet(here) && isMet({ ...counted(trusted), ...here });
}
