import { PROFILES } from '../../account/profile.ts';
import { DEFAULT_CONTACT_METHOD, defaultFlowType, secondFactorsOf } from '../../account/tenant-defaults.ts';
import type { TenantDocument } from '../../account/tenant-schema.ts';
import { type FactorId, OFFERED_FIRST_FACTORS, passwordlessFactors } from '../factor.ts';
import type { Policy } from '../policy-schema.ts';
import type { Requirement } from '../requirements.ts';

export interface LintOptions {
  /** Epoch milliseconds. Without it nothing is said of dates. */
  readonly now?: number;
  /** How long a code lives: `OTP_SECONDS`. */
  readonly otpSeconds?: number;
  /** The service's `SMS_COUNTRIES`: where a tenant without `smsCountries` sends text messages. */
  readonly smsCountries?: readonly string[];
  /** Whether anything in front says where a request is from: `EDGE_COUNTRY`. Without it nothing is said of countries. */
  readonly knowsCountry?: boolean | undefined;
}

export type LintedRule = Policy['rules'][number];

/** A policy and what of its tenant decides whether it works. */
export interface LintContext extends LintOptions {
  readonly policy: Policy;
  readonly tenant: TenantDocument;
  /** What may be a second factor under this policy. */
  readonly offered: readonly FactorId[];
  /** What may begin a session. */
  readonly firstFactors: readonly FactorId[];
  readonly distinctChannels: boolean;
}

export function contextOf(policy: Policy, tenant: TenantDocument, options: LintOptions): LintContext {
  const passwordless: readonly string[] = passwordlessFactors(
    tenant.contactMethod ?? DEFAULT_CONTACT_METHOD,
    tenant.flowType ?? defaultFlowType(tenant),
  );
  const mayBegin = (id: FactorId): boolean =>
    id === 'emailpassword' || (id === 'thirdparty' ? (tenant.providers ?? []).length > 0 : passwordless.includes(id));
  return {
    ...options,
    policy,
    tenant,
    offered: secondFactorsOf({ ...tenant, mfaPolicy: policy }),
    firstFactors: (tenant.firstFactors ?? OFFERED_FIRST_FACTORS).filter(mayBegin),
    distinctChannels: tenant.distinctChannels ?? PROFILES[tenant.profile ?? 'strict'].distinctChannels,
  };
}

/** What a rule asks that is known before there is a user. A user's own list is not. */
export function requirementsOf(rule: LintedRule, { tenant }: Pick<LintContext, 'tenant'>): readonly Requirement[] {
  if (rule.require !== undefined) return rule.require;
  const listed = tenant.requiredSecondaryFactors ?? [];
  return rule.requireFrom === 'tenant' && listed.length > 0 ? [{ oneOf: listed }] : [];
}

/** Where a requirement stands, for a finding. */
export const requirementPath = (at: number, rule: LintedRule, index: number): string =>
  rule.require === undefined ? `rules.${at}.requireFrom` : `rules.${at}.require.${index}`;
