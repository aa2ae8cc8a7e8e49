import type { Policy } from '../mfa/policy-schema.ts';
import { policyHash } from '../policies/hash.ts';
import type { Tenant } from './tenant.ts';

/** Everything of a tenant that the evaluator reads, beside its policy, and what a session owes besides it. */
export type DecidingParts = Pick<
  Tenant,
  | 'requiredSecondaryFactors'
  | 'secondFactors'
  | 'backupCodeReplaces'
  | 'firstEnrolment'
  | 'distinctChannels'
  | 'devices'
  | 'emailVerification'
  | 'metadata'
>;

/**
 * By which two tenants are told apart that do not ask the same of everybody: 16 hex digits over their policy and
 * everything else that decides, defaults filled in. Names, looks, words, origins and limits do not count, nor whether a
 * policy is `immediate`.
 */
export const decidesOf = ({ rules, merge = 'all' }: Policy, tenant: DecidingParts): string =>
  policyHash({
    rules,
    merge,
    requiredSecondaryFactors: tenant.requiredSecondaryFactors,
    secondFactors: tenant.secondFactors,
    backupCodeReplaces: tenant.backupCodeReplaces,
    firstEnrolment: tenant.firstEnrolment,
    distinctChannels: tenant.distinctChannels,
    trustedDays: tenant.devices?.days,
    emailVerification: tenant.emailVerification,
    metadata: tenant.metadata,
  });
