import { type ContactMethod, type FactorId, type FlowType, flowTypeOf, offeredSecondFactors } from '../mfa/factor.ts';
import { factorsIn } from '../mfa/requirements.ts';
import type { TenantDocument } from './tenant-schema.ts';

/** What holds where a tenant says nothing, and depends on what else it says. */

export const DEFAULT_CONTACT_METHOD: ContactMethod = 'EMAIL_OR_PHONE';

/** What the listed first factors need; codes where nothing is listed. */
export const defaultFlowType = ({ firstFactors = [] }: TenantDocument): FlowType =>
  flowTypeOf(firstFactors.filter((id) => isPasswordless(id)));

const isPasswordless = (id: FactorId): boolean => /^(otp|link)-/.test(id);

/**
 * What a tenant offers as a second factor, in the order its pages show. Authenticator apps and backup codes are there for
 * whoever lists them, or asks for them in the policy: no tenant comes by them unasked.
 */
export function secondFactorsOf(
  document: Pick<
    TenantDocument,
    'secondFactors' | 'contactMethod' | 'requiredSecondaryFactors' | 'mfaPolicy' | 'backupCodeReplaces'
  >,
): readonly FactorId[] {
  if (document.secondFactors !== undefined) return [...new Set(document.secondFactors)];
  const named = new Set([
    ...(document.requiredSecondaryFactors ?? []),
    ...(document.mfaPolicy?.rules ?? []).flatMap((rule) => (rule.require ?? []).flatMap(factorsIn)),
    ...((document.backupCodeReplaces ?? []).length > 0 ? ['backup-code'] : []),
  ]);
  return [
    ...offeredSecondFactors(document.contactMethod ?? DEFAULT_CONTACT_METHOD),
    ...['totp', 'backup-code'].filter((factor) => named.has(factor)),
  ];
}

/** A password may be shorter where a policy can ask for more than it. @see NIST SP 800-63B-4 §3.1.1.2 */
export const asksAnybody = (document: TenantDocument): boolean =>
  (document.requiredSecondaryFactors ?? []).length > 0 || (document.mfaPolicy?.rules ?? []).length > 0;
