import type { FactorId } from './factor.ts';
import { type Completed, factorsIn, type Requirement, unmet } from './requirements.ts';

const BACKUP = 'backup-code';

/**
 * The requirements with a backup code in the place where the tenant lets it stand in for another factor.
 *
 * One code stands in once: of several requirements it could meet, it meets the first that nothing else has met. It takes
 * a place only where the user has a code or used one here, and never one of an `allOfInAnyOrder`.
 *
 * @param about.counted what was completed and counts.
 */
export function withBackupCode(
  requirements: readonly Requirement[],
  replaces: readonly FactorId[],
  { counted, factorsSetUp }: { readonly counted: Completed; readonly factorsSetUp: readonly FactorId[] },
): readonly Requirement[] {
  const used = Object.hasOwn(counted, BACKUP);
  if (replaces.length === 0 || !(used || factorsSetUp.includes(BACKUP))) return requirements;
  const { [BACKUP]: _, ...others } = counted;
  let left = true;
  return requirements.map((requirement) => {
    if (unmet(requirement, others).length === 0) return requirement;
    const factors = factorsIn(requirement);
    if (factors.includes(BACKUP)) {
      // Named by the policy itself: what it meets there is met, and it is spent.
      if (used) left = false;
      return requirement;
    }
    const mayStandIn = isOneOf(requirement) && factors.some((factor) => replaces.includes(factor));
    if (!left || !mayStandIn) return requirement;
    left = false;
    return { oneOf: [...factors, BACKUP] };
  });
}

const isOneOf = (requirement: Requirement): boolean => typeof requirement === 'string' || 'oneOf' in requirement;
