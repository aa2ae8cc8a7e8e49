import type { Facts } from './facts.ts';
import { type Requirement, unmet } from './requirements.ts';

/** How a session's proofs count; see distinct.ts. */
export interface Counting {
  readonly counted: Facts['session']['completed'];
  readonly elsewhere: (requirement: Requirement) => readonly Requirement[];
}

/**
 * A requirement that this session has not met, and that its device has, within the days the tenant gives.
 *
 * The whole requirement or nothing: of two factors in any order one alone stands for neither.
 */
export function isRemembered(
  requirement: Requirement,
  { trusted = {} }: Pick<Facts['session'], 'trusted'>,
  { counted, elsewhere }: Counting,
): boolean {
  const parts = elsewhere(requirement);
  const isMet = (completed: Counting['counted']) => parts.every((part) => unmet(part, completed).length === 0);
  return !isMet(counted) && isMet({ ...trusted, ...counted });
}
