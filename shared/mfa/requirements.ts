import type { FactorId } from './factor.ts';

/** One entry of the reference's `MFARequirementList`. */
export type Requirement =
  | FactorId
  | { readonly oneOf: readonly FactorId[] }
  | { readonly allOfInAnyOrder: readonly FactorId[] };

/** When each factor was completed in the session, epoch seconds: `st-mfa.c`. */
export type Completed = Readonly<Record<FactorId, number>>;

/**
 * The factors that still stand between the user and the application.
 *
 * Requirements are met in order, so only the first unmet one counts.
 *
 * @returns factor ids of the first unmet requirement; empty when all are met.
 * An empty `oneOf` is met: the FDI's reference sends `[{ oneOf: [] }]` for "no MFA".
 */
export function nextFactors(requirements: readonly Requirement[], completed: Completed): readonly FactorId[] {
  const first = requirements.find((requirement) => unmet(requirement, completed).length > 0);
  return first === undefined ? [] : unmet(first, completed);
}

/** @returns the factors of one requirement that would meet it or are still missing; empty when it is met. */
export function unmet(requirement: Requirement, completed: Completed): readonly FactorId[] {
  // Own members only: every object has a `constructor`, and a policy may name a factor that.
  const isMissing = (factor: FactorId) => !Object.hasOwn(completed, factor);
  if (typeof requirement === 'string') return isMissing(requirement) ? [requirement] : [];
  if ('oneOf' in requirement) return requirement.oneOf.every(isMissing) ? requirement.oneOf : [];
  return requirement.allOfInAnyOrder.filter(isMissing);
}

/** Every factor a requirement speaks of. */
export const factorsIn = (requirement: Requirement): readonly FactorId[] =>
  typeof requirement === 'string'
    ? [requirement]
    : 'oneOf' in requirement
      ? requirement.oneOf
      : requirement.allOfInAnyOrder;
