import type { FactorId } from '../mfa/factor.ts';
import type { LoginMethod, User } from './user.ts';

/**
 * Whether a factor that was shown settles what a reset left owing. One that is owed is the user's already: what links a
 * new method was none.
 */
export const settlesOwed = (
  { owedFactors = [] }: Pick<User, 'owedFactors'>,
  { factor, link }: { readonly factor: FactorId; readonly link?: LoginMethod | undefined },
): boolean => link === undefined && owedFactors.includes(factor);
