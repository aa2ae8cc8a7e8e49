import type { Tenant } from '../account/tenant.ts';
import type { AccessTokenPayload } from './access-token.ts';

/** Which policy a tenant has, as far as sessions are to know: what their `pe` is compared with. */
export interface PolicyEpoch {
  /** Hash of the policy. */
  readonly pe: string;
  /** It reaches sessions at their next call, and not only at their next refresh. */
  readonly immediate: boolean;
  /** Seconds since it was made active; null where nobody knows, after an edit by hand. */
  readonly activeFor: number | null;
  /** Seconds for which a part of the service may still go by the policy before. */
  readonly settlesAfter: number;
}

/** @param about.now epoch milliseconds. */
export const epochOf = (
  { policy, policyHash, policyActivatedAt }: Pick<Tenant, 'policy' | 'policyHash' | 'policyActivatedAt'>,
  about: { readonly now: number; readonly cacheSeconds: number },
): PolicyEpoch => ({
  pe: policyHash,
  immediate: policy.immediate,
  activeFor: policyActivatedAt === undefined ? null : Math.max(0, Math.floor((about.now - policyActivatedAt) / 1000)),
  settlesAfter: about.cacheSeconds,
});

/**
 * Was the session's answer given by another policy than the tenant's, which is to reach it at once?
 *
 * Never twice in a row: a token signed within `settlesAfter` may come from a part of the service that had not read the
 * policy yet, so a new one would be no better; it is let pass for that long. Nor before the policy has been active for
 * that long, as far as that is known, so that one refresh is enough.
 *
 * @param now epoch milliseconds.
 */
export function isOutdated(
  { pe, iat }: Pick<AccessTokenPayload, 'pe' | 'iat'>,
  epoch: PolicyEpoch,
  now: number,
): boolean {
  if (!epoch.immediate || pe === epoch.pe) return false;
  if (epoch.activeFor !== null && epoch.activeFor < epoch.settlesAfter) return false;
  return now - iat * 1000 > epoch.settlesAfter * 1000;
}
