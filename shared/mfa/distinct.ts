import { type FactorId, isSameWay } from './factor.ts';
import type { Completed, Requirement } from './requirements.ts';

/** What of a session's proofs a policy may count. */
export interface DistinctProofs {
  /** Second factors of the tenant that would go the way the session began. */
  readonly repeated: readonly FactorId[];
  /** Of factors and when they were shown, by this session or its device, those that prove something. */
  readonly counted: (shown: Completed) => Completed;
  /** A requirement as this session can meet it: with another factor where its own would prove nothing new. */
  readonly elsewhere: (requirement: Requirement) => readonly Requirement[];
}

/** Where nothing is repeated. */
export const ALL_DISTINCT: DistinctProofs = {
  repeated: [],
  counted: (shown) => shown,
  elsewhere: (requirement) => [requirement],
};

/**
 * One mailbox is one factor, however often it is used: a session that began with a code or link by mail meets no
 * requirement with a code by mail. The same for a phone.
 *
 * Where a requirement names only such factors, any other second factor of the tenant meets it, since what it names is
 * proved already. Where there is no other, it stays as it is and cannot be met.
 */
export function distinctProofs(
  tenant: { readonly distinctChannels: boolean; readonly secondFactors: readonly FactorId[] },
  session: { readonly firstFactor: FactorId },
): DistinctProofs {
  const repeats = (factor: FactorId): boolean => tenant.distinctChannels && isSameWay(factor, session.firstFactor);
  // A backup code stands in for what the tenant says, and for nothing else.
  const others = tenant.secondFactors.filter((factor) => !repeats(factor) && factor !== 'backup-code');
  const instead = (requirement: Requirement): Requirement => (others.length === 0 ? requirement : { oneOf: others });

  return {
    repeated: tenant.secondFactors.filter(repeats),
    counted: (shown) => Object.fromEntries(Object.entries(shown).filter(([factor]) => !repeats(factor))),
    elsewhere: (requirement) => {
      if (typeof requirement === 'string') return [repeats(requirement) ? instead(requirement) : requirement];
      if ('oneOf' in requirement) {
        const left = requirement.oneOf.filter((factor) => !repeats(factor));
        if (left.length === requirement.oneOf.length) return [requirement];
        return [left.length === 0 ? instead(requirement) : { oneOf: left }];
      }
      const left = requirement.allOfInAnyOrder.filter((factor) => !repeats(factor));
      if (left.length === requirement.allOfInAnyOrder.length) return [requirement];
      const repeated = requirement.allOfInAnyOrder.filter(repeats);
      return [...(left.length === 0 ? [] : [{ allOfInAnyOrder: left }]), instead({ allOfInAnyOrder: repeated })];
    },
  };
}
