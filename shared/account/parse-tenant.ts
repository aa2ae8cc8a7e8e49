import * as v from 'valibot';
import { compileCondition, isFault } from '../mfa/conditions.ts';
import { OFFERED_FIRST_FACTORS, offeredSecondFactors, passwordlessFactors } from '../mfa/factor.ts';
import { compilePolicy } from '../mfa/compile-policy.ts';
import { DEFAULT_POLICY } from '../mfa/policy-schema.ts';
import { activePolicy } from '../policies/state.ts';
import type { Provider } from '../third-party/presets.ts';
import { trackingOf } from '../trusted-devices/tracking.ts';
import { type DecidingParts, decidesOf } from './decides.ts';
import { PROFILES } from './profile.ts';
import { asksAnybody, DEFAULT_CONTACT_METHOD, defaultFlowType, secondFactorsOf } from './tenant-defaults.ts';
import { MalformedTenant } from './tenant-id.ts';
import { faultOf, type TenantDocument, TenantSchema } from './tenant-schema.ts';
import type { Tenant } from './tenant.ts';

/** The policy's hash is that of what is stored, not of what the schema made of it. */
const Attributes = v.record(v.string(), v.unknown());

/**
 * Makes a usable tenant of what is stored.
 *
 * @param readAt when that was read: epoch milliseconds.
 * @throws MalformedTenant naming every attribute at fault.
 */
export async function parseTenant(tenantId: string, stored: unknown, readAt = 0): Promise<Tenant> {
  const parsed = await v.safeParseAsync(TenantSchema, stored);
  if (!parsed.success) throw new MalformedTenant(tenantId, parsed.issues.map(faultOf));
  const document = parsed.output;
  const faults: string[] = [...(await wordingFaults(document))];

  const policy = await compilePolicy(document.mfaPolicy ?? DEFAULT_POLICY);
  if (!('rules' in policy)) faults.push(...policy.map((f) => `mfaPolicy rule ${f.ruleId ?? '?'}: ${f.message}`));

  const claims: Tenant['claims'][number][] = [];
  for (const [name, expression] of Object.entries(document.claims ?? {})) {
    const condition = await compileCondition(expression);
    if (isFault(condition)) faults.push(`claims.${name}: ${condition.message}`);
    else claims.push({ name, condition });
  }
  const contactMethod = document.contactMethod ?? DEFAULT_CONTACT_METHOD;
  const codes: readonly string[] = offeredSecondFactors(contactMethod);
  const unsent = (document.secondFactors ?? []).filter(
    (factor) => factor.startsWith('otp-') && !codes.includes(factor),
  );
  faults.push(...unsent.map((factor) => `secondFactors: ${factor} does not go with contactMethod`));
  if (faults.length > 0 || !('rules' in policy)) throw new MalformedTenant(tenantId, faults);

  const passwordless = passwordlessFactors(contactMethod, document.flowType ?? defaultFlowType(document));
  const providers = await providersOf(document);
  const firstFactors = (document.firstFactors ?? OFFERED_FIRST_FACTORS).filter((id) =>
    id === 'thirdparty' ? providers.length > 0 : id === 'emailpassword' || passwordless.some((own) => own === id),
  );
  const { hash, state } = activePolicy(v.parse(Attributes, stored));
  const profile = PROFILES[document.profile ?? 'strict'];
  const devices = trackingOf(document);
  const deciding = {
    requiredSecondaryFactors: document.requiredSecondaryFactors ?? [],
    secondFactors: secondFactorsOf(document),
    backupCodeReplaces: document.backupCodeReplaces ?? [],
    firstEnrolment: document.firstEnrolment ?? profile.firstEnrolment,
    distinctChannels: document.distinctChannels ?? profile.distinctChannels,
    emailVerification: document.emailVerification ?? 'OFF',
    metadata: document.metadata ?? {},
    ...(devices === undefined ? {} : { devices }),
  } satisfies DecidingParts;
  return {
    ...deciding,
    decides: decidesOf(document.mfaPolicy ?? DEFAULT_POLICY, deciding),
    readAt,
    tenantId,
    name: document.name,
    firstFactors,
    passwordless: passwordless.filter((id) => firstFactors.includes(id)),
    providers,
    contactMethod,
    policy,
    policyHash: hash,
    policyVersion: state?.version,
    policyActivatedAt: state?.activatedAt,
    allowedOrigins: document.allowedOrigins ?? [],
    optInOnConsume: document.optInOnConsume ?? false,
    websiteBasePath: document.websiteBasePath ?? '/auth',
    accountLinking: document.accountLinking ?? { automatic: false },
    secondFactorNeedsVerifiedEmail: document.secondFactorNeedsVerifiedEmail ?? false,
    strictEnumeration: document.strictEnumeration ?? false,
    strictRefresh: document.strictRefresh ?? false,
    endSessionsOnFactorChange: document.endSessionsOnFactorChange ?? profile.endSessionsOnFactorChange,
    passwordMinLength: document.passwordMinLength ?? (asksAnybody(document) ? 8 : 15),
    otpDigits: document.otpDigits ?? 6,
    smsCountries: document.smsCountries,
    smsDailyBudget: Math.round((document.smsDailyBudgetUsd ?? 20) * 1e6),
    smsPrice: Math.round((document.smsPriceUsd ?? 0.1) * 1e6),
    signUpFields: document.signUpFields ?? [],
    branding: document.branding ?? {},
    templates: document.templates ?? {},
    claims,
  };
}

/** Most tenants have none of these two, and most functions never read what they need. */
async function wordingFaults({ templates }: TenantDocument): Promise<readonly string[]> {
  if (templates === undefined) return [];
  const { templateFaults } = await import('../delivery/templates.ts');
  return templateFaults(templates);
}

async function providersOf({ providers = [] }: TenantDocument): Promise<readonly Provider[]> {
  if (providers.length === 0) return [];
  const { providerOf } = await import('../third-party/presets.ts');
  return providers.map(providerOf);
}
