import type { Templates } from '../delivery/templates.ts';
import type { Condition } from '../mfa/conditions.ts';
import type { ContactMethod, FactorId, PasswordlessFactor } from '../mfa/factor.ts';
import type { CompiledPolicy } from '../mfa/policy.ts';
import type { Provider } from '../third-party/presets.ts';
import type { DeviceTracking } from '../trusted-devices/tracking.ts';
import type { Branding, SignUpField } from './tenant-schema.ts';

/** A tenant ready for use: defaults applied, conditions compiled. */
export interface Tenant {
  readonly tenantId: string;
  readonly name: string | undefined;
  /** Configured ∩ offered: what may begin a session here. */
  readonly firstFactors: readonly FactorId[];
  readonly requiredSecondaryFactors: readonly FactorId[];
  readonly secondFactors: readonly FactorId[];
  readonly backupCodeReplaces: readonly FactorId[];
  readonly providers: readonly Provider[];
  readonly contactMethod: ContactMethod;
  /** Those of `firstFactors` that are a code or a link. */
  readonly passwordless: readonly PasswordlessFactor[];
  readonly policy: CompiledPolicy;
  /** Of the stored `mfaPolicy`, whoever wrote it. */
  readonly policyHash: string;
  /** Undefined where it is no recorded version: the default holds, or somebody edited it by hand. */
  readonly policyVersion: number | undefined;
  /** Epoch milliseconds; undefined as `policyVersion` is. */
  readonly policyActivatedAt: number | undefined;
  /** The same for every reading of it that asks the same of everybody: see `decidesOf`. */
  readonly decides: string;
  /** When it was asked for in the table, epoch milliseconds; 0 for a document from elsewhere. */
  readonly readAt: number;
  readonly allowedOrigins: readonly string[];
  readonly optInOnConsume: boolean;
  readonly firstEnrolment: 'proof' | 'open';
  readonly distinctChannels: boolean;
  readonly websiteBasePath: string;
  readonly emailVerification: 'OFF' | 'OPTIONAL' | 'REQUIRED';
  readonly accountLinking: { readonly automatic: boolean };
  readonly secondFactorNeedsVerifiedEmail: boolean;
  readonly strictEnumeration: boolean;
  readonly strictRefresh: boolean;
  readonly endSessionsOnFactorChange: boolean;
  /** Absent where no device is remembered. */
  readonly devices?: DeviceTracking;
  readonly passwordMinLength: number;
  readonly otpDigits: 6 | 8;
  readonly smsCountries: readonly string[] | undefined;
  /** Millionths of a US dollar. */
  readonly smsDailyBudget: number;
  readonly smsPrice: number;
  readonly signUpFields: readonly SignUpField[];
  readonly branding: Branding;
  readonly templates: Templates;
  readonly claims: readonly { readonly name: string; readonly condition: Condition }[];
  readonly metadata: Readonly<Record<string, unknown>>;
}
