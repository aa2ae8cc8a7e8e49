import type { FactorId } from './factor.ts';
import type { Demand, Origin } from './policy.ts';
import { factorsIn, type Requirement } from './requirements.ts';

/** What a policy's demands come to for one factor of one user. */
export interface Need {
  /** Who cannot do without it. Empty: the user can sign in without ever doing it. */
  readonly requiredBy: readonly Origin[];
  /** Any one of them does instead, in every choice that names the factor. Empty where none would. */
  readonly alternatives: readonly FactorId[];
}

/**
 * Is a factor needed, by whom, and what would do instead?
 *
 * A choice (`oneOf`) needs no member of it as soon as another one is at hand or is demanded by itself.
 *
 * @param atHand factors that the user has set up and the tenant takes.
 */
export function needOf(factor: FactorId, demands: readonly Demand[], atHand: ReadonlySet<FactorId>): Need {
  const naming = demands.filter(({ requirement }) => factorsIn(requirement).includes(factor));
  const others = naming.map(({ requirement }) => othersInstead(requirement, factor));
  const isCertain = (other: FactorId): boolean => atHand.has(other) || isDemandedByItself(other, demands);
  return {
    requiredBy: [...new Set(naming.filter((_, at) => !others[at]!.some(isCertain)).flatMap(({ origins }) => origins))],
    alternatives: others.length === 0 ? [] : others.reduce((all, some) => all.filter((other) => some.includes(other))),
  };
}

const isDemandedByItself = (factor: FactorId, demands: readonly Demand[]): boolean =>
  demands.some(
    ({ requirement }) => factorsIn(requirement).includes(factor) && othersInstead(requirement, factor).length === 0,
  );

/** What meets a requirement without this factor, alone. */
const othersInstead = (requirement: Requirement, factor: FactorId): readonly FactorId[] =>
  typeof requirement === 'object' && 'oneOf' in requirement
    ? [...new Set(requirement.oneOf)].filter((other) => other !== factor)
    : [];
