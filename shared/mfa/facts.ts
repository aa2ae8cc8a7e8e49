import type { FactorId } from './factor.ts';
import type { Completed } from './requirements.ts';

/** Everything a policy may read, loaded before it is asked. `conditions.ts` declares the same shape to CEL. */
export interface Facts {
  readonly user: {
    readonly id: string;
    /** In this tenant. */
    readonly roles: readonly string[];
    readonly permissions: readonly string[];
    readonly emails: readonly string[];
    readonly phones: readonly string[];
    /** The user's own list: each entry is required. */
    readonly requiredFactors: readonly FactorId[];
    readonly metadata: Readonly<Record<string, unknown>>;
    /** Epoch milliseconds. */
    readonly timeJoined: number;
    readonly factorsSetUp: readonly FactorId[];
    /** One of these is owed before anything else where the session began with a password. Not for policies. */
    readonly owedFactors?: readonly FactorId[];
    /** By rule: when its grace ends that began for the user in this tenant. Epoch milliseconds. No condition reads it. */
    readonly grace?: Readonly<Record<string, number>>;
    /** Of the tenant's whole policy, until then (epoch milliseconds). No condition reads it. */
    readonly exemption?: { readonly until: number; readonly reason: string };
  };
  readonly tenant: {
    readonly id: string;
    readonly requiredSecondaryFactors: readonly FactorId[];
    readonly metadata: Readonly<Record<string, unknown>>;
  };
  readonly session: {
    readonly firstFactor: FactorId;
    readonly completed: Completed;
    /** No finished sign-in of this user was remembered on it when the session began. Stays as it was then. */
    readonly isNewDevice: boolean;
    /** Second factors that this device need not show again, and when it showed them. No condition reads it. */
    readonly trusted?: Completed;
  };
  readonly request: { readonly ip: string; readonly country: string; readonly userAgent: string };
  /** Epoch milliseconds. */
  readonly now: number;
}
