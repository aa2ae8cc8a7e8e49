import type { FlowType, OtpFactor } from '../mfa/factor.ts';

/**
 * One pending code and what it is good for. Bound to session, user, tenant, purpose and address: it opens nothing else.
 *
 * That of a first factor has neither user nor session (both are empty): it is bound to who knows its `deviceId`, and by
 * its link to who reads the message.
 *
 * Times are epoch milliseconds.
 */
export interface Device {
  readonly tenantId: string;
  /** Public name of the device; SHA-256 of its `deviceId`, which only the requesting client knows. */
  readonly preAuthSessionId: string;
  /** `enrol`: the address is not the user's yet, and becomes so. `change`: it takes another's place. */
  readonly purpose: 'first-factor' | 'second-factor' | 'enrol' | 'change';
  /** Absent: a code. */
  readonly flowType?: FlowType;
  readonly factorId: OtpFactor;
  readonly userId: string;
  readonly sessionHandle: string;
  /** Canonical: codes go here and nowhere else. */
  readonly contact: string;
  /** Base64url MAC of the code; the code itself is stored nowhere. */
  readonly codeMac: string;
  /** Base64url MAC of the link's secret, where a link was sent. */
  readonly linkMac?: string;
  readonly salt: string;
  /** Which root secret made the MAC. */
  readonly kid: string;
  /** Attempts spent, right and wrong. */
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly createdAt: number;
  readonly sentAt: number;
  readonly expiresAt: number;
}
