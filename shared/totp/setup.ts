import { SETUP_REFUSED_NO_PROOF, setupRefusal } from '../mfa/evaluate.ts';
import { isStale, STALE } from '../mfa/freshness.ts';
import { badRequest, invalidClaim } from '../protocol-error.ts';
import type { SessionContext } from '../session/context.ts';

/**
 * May this session enrol an authenticator app? Its seed goes to whoever asks, so a password alone never suffices: a
 * second factor was completed here, or the account was made here.
 *
 * @throws 400 where the tenant does not offer it, 403 `st-mfa` where it may not be set up now.
 * @see wire.md §12.6
 * @see security.md §3.7
 */
export function requireSetup({ tenant, facts, evaluation }: SessionContext): void {
  if (!tenant.secondFactors.includes('totp')) throw badRequest('this factor is not offered');
  const reason = setupRefusal(evaluation, facts, 'totp');
  if (reason !== undefined) throw invalidClaim('st-mfa', reason);
  if (!evaluation.mayEnrolAnywhere) throw invalidClaim('st-mfa', SETUP_REFUSED_NO_PROOF);
  if (evaluation.claim.v && isStale(facts)) throw invalidClaim('st-mfa', STALE);
}
