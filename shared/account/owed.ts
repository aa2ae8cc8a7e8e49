import type { FactorId } from '../mfa/factor.ts';
import type { Completed } from '../mfa/requirements.ts';
import type { User } from './user.ts';

/**
 * Whether a session that owes nothing more has settled what a reset left owing.
 *
 * Only its end settles it: what is shown first and forgotten could be counted again for something else, and a sign-in that
 * was broken off would let the next one go on with less.
 */
export const settlesOwed = (
  { owedFactors = [] }: Pick<User, 'owedFactors'>,
  { firstFactor, completed }: { readonly firstFactor: FactorId; readonly completed: Completed },
): boolean => owedFactors.some((factor) => factor !== firstFactor && Object.hasOwn(completed, factor));
