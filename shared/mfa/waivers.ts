import type { Facts } from './facts.ts';
import { type Requirement, unmet } from './requirements.ts';

/**
 * A requirement that this session has not met, and that its device has, within the days the tenant gives.
 *
 * The whole requirement or nothing: of two factors in any order one alone stands for neither.
 */
export const isRemembered = (
  requirement: Requirement,
  { completed, trusted = {} }: Pick<Facts['session'], 'completed' | 'trusted'>,
): boolean => unmet(requirement, completed).length > 0 && unmet(requirement, { ...trusted, ...completed }).length === 0;
