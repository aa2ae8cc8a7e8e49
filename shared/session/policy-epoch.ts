import type { Tenant } from '../account/tenant.ts';
import type { AccessTokenPayload } from './access-token.ts';

/** What a tenant asks of whom, as far as sessions are to know: what their `pe` and `pt` are compared with. */
export interface PolicyEpoch {
  /** Names what decides: the same for two readings of a tenant that ask the same of everybody. */
  readonly pe: string;
  /** It reaches sessions at their next call, and not only at their next refresh. */
  readonly immediate: boolean;
  /** When the tenant was read, by the service's clock. Epoch milliseconds. */
  readonly readAt: number;
}

/**
 * Rules with a date count as soon as it has come: the epoch moves on with them, though nobody has changed the tenant.
 *
 * @param now epoch milliseconds.
 */
export function epochOf(
  { decides, policy, readAt }: Pick<Tenant, 'decides' | 'policy' | 'readAt'>,
  now: number,
): PolicyEpoch {
  const begun = policy.rules.filter(({ from = Infinity }) => from <= now).length;
  return { pe: begun === 0 ? decides : `${decides}.${begun}`, immediate: policy.immediate, readAt };
}

type Decided = Pick<AccessTokenPayload, 'pe' | 'pt'>;

/**
 * Was the session's answer given by what the tenant said before, and is what it says now to reach it at once?
 *
 * Only a token from an **earlier** reading is outdated. One that another part of the service signed by a later reading is
 * not for this one to judge. So whoever is sent to refresh comes back with a token that passes here: the refresh of a
 * token that has not run out reads the tenant after it was asked, and so after this reading.
 */
export const isOutdated = ({ pe, pt = 0 }: Decided, epoch: PolicyEpoch): boolean =>
  epoch.immediate && pe !== epoch.pe && pt < epoch.readAt;

/** The token was signed by a later reading of the tenant, which said something else: this one is out of date. */
export const isAhead = ({ pe, pt = 0 }: Decided, epoch: PolicyEpoch): boolean => pe !== epoch.pe && pt > epoch.readAt;
