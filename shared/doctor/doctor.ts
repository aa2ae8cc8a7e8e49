import { checkClock } from './clock.ts';
import type { DoctorDeps } from './deps.ts';
import type { DoctorFinding, FindingId } from './finding.ts';
import { checkKeys } from './keys.ts';
import { checkMail } from './mail.ts';
import { checkSms } from './sms.ts';
import { checkTable } from './table.ts';
import { checkTenants } from './tenants.ts';
import { unanswered } from './unanswered.ts';

type Check = (deps: DoctorDeps) => Promise<readonly DoctorFinding[]>;

const CHECKS: readonly (readonly [FindingId, Check])[] = [
  ['clock', checkClock],
  ['table', checkTable],
  ['keys-missing', checkKeys],
  ['tenants', checkTenants],
  ['mail-account', checkMail],
  ['sms-sandbox', checkSms],
];

/**
 * Looks at everything a sign-in depends on and says what is wrong and what to do, subject by subject.
 *
 * Total: what cannot be asked becomes a finding of its own, with the right that is missing, and the others go on.
 */
export async function examine(deps: DoctorDeps): Promise<readonly DoctorFinding[]> {
  const found = await Promise.all(
    CHECKS.map(([id, check]) => check(deps).catch((error: unknown) => [unanswered(id, error)])),
  );
  return found.flat();
}
