import { writeTenant } from './by-hand.ts';
import type { LocalRun } from './local-run.ts';

/** Everybody is asked for a code: by mail or by text message, and the first one may go anywhere. */
export const EITHER = { requiredSecondaryFactors: ['otp-email', 'otp-phone'], firstEnrolment: 'open' };
/** Nobody is asked unless they wish. */
export const OPT_IN = { mfaPolicy: { rules: [{ id: 'opted-in', requireFrom: 'user' }] } };
/** Nobody can meet what is asked: the admin API refuses it. */
export const NOBODY = { mfaPolicy: { rules: [{ id: 'all', require: ['webauthn'] }] } };

/** Writes tenants straight into the table of a local run, whatever the admin API thinks of them. */
export async function writeByHand(
  run: Pick<LocalRun, 'dynamodb'>,
  tenants: Readonly<Record<string, object>>,
): Promise<void> {
  for (const [tenantId, document] of Object.entries(tenants)) await writeTenant(run, tenantId, document);
}
