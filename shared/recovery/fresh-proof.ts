import { requireFresh } from '../account/factors.ts';
import { FRESH_FACTOR_SECONDS } from '../limits.ts';
import { STALE } from '../mfa/freshness.ts';
import { invalidClaim } from '../protocol-error.ts';
import type { SessionContext } from '../session/context.ts';

/**
 * A contact is where the next password is sent: to change it takes a proof of the last 5 minutes, a second factor where
 * the account has one, and a sign-in where it has none.
 *
 * @throws 403 `st-mfa`.
 */
export function requireFreshProof(context: SessionContext): void {
  requireFresh(context);
  const { session, now } = context.facts;
  const newest = Math.max(...Object.values(session.completed));
  if (now / 1000 - newest > FRESH_FACTOR_SECONDS) throw invalidClaim('st-mfa', STALE);
}
