import type { LoginMethod, User } from '../account/user.ts';
import type { BackupCodes } from '../backup-codes/backup-codes.ts';
import type { SecondFactor } from '../mfa/factor.ts';
import type { Device } from '../otp/device.ts';
import type { SessionRecord } from '../session/session.ts';
import type { DeviceChange, SessionDevice } from '../trusted-devices/device.ts';
import type { TotpDevice } from '../totp/device.ts';
import type { AuditEvent } from './surroundings.ts';
import type { AccountChange } from './accounts.ts';
import type { Budget } from './limits.ts';

export interface CodeStore {
  /** @throws if a device of that id exists, which 256 random bits rule out. */
  put(device: Device): Promise<void>;
  get(tenantId: string, preAuthSessionId: string): Promise<Device | undefined>;
  /**
   * Spends one attempt, atomically, BEFORE the code is compared: parallel guesses cannot share one.
   *
   * @param handle of the session it is bound to; empty for a first factor.
   * @returns the device as it stands after the attempt; undefined when it is unknown, used, out of attempts, or bound
   * to another session.
   */
  spendAttempt(tenantId: string, preAuthSessionId: string, handle: string, now: number): Promise<Device | undefined>;
  /** Overwrites the code, never the attempts. @returns false when the device is used up or its cool-down runs. */
  renew(renewal: {
    readonly device: Device;
    readonly codeMac: string;
    /** Where a link is sent as well; that of before is good for nothing any more. */
    readonly linkMac?: string;
    readonly salt: string;
    readonly kid: string;
    readonly now: number;
    readonly expiresAt: number;
    readonly cooldownMs: number;
  }): Promise<boolean>;
}

export interface TotpStore {
  /** In place of one of its name that was never verified. @returns false when account, session or device changed meanwhile. */
  put(change: AccountChange & { readonly device: TotpDevice }): Promise<boolean>;
  /** With a verified app remembered devices go. @returns false when account, session or device changed meanwhile. */
  remove(change: AccountChange & { readonly device: TotpDevice }): Promise<boolean>;
}

export interface BackupCodeStore {
  /** The earlier ones are good for nothing any more. @returns false when account or session changed meanwhile. */
  replace(change: AccountChange & { readonly codes: BackupCodes }): Promise<boolean>;
}

/** A code of this time step was right; `device` as it was compared. */
export interface TotpProof {
  readonly device: TotpDevice;
  readonly step: number;
}

/** What was right, and is used up: the code of a device, a time step, or a backup code by its MAC. */
export type Proof = { readonly device: Device } | { readonly totp: TotpProof } | { readonly backupCode: string };

/** How a completed factor changes everything, in one transaction: all of it or nothing. */
export type Completion = Proof & CompletedFactor;

interface CompletedFactor {
  readonly user: User;
  readonly requestId: string;
  readonly now: number;
  readonly session: {
    readonly handle: string;
    /** The token the client holds, by its access token. */
    readonly from: string;
    readonly to: string;
    readonly factor: SecondFactor;
    readonly completedAtSeconds: number;
    readonly fingerprint: string;
    readonly idleExpiresAt: number;
    /** Absent: stays as it is. */
    readonly absoluteExpiresAt?: number;
    /** What the policy says once it is there, and the record of that where it leaves one. */
    readonly satisfied: boolean;
    /** What a password reset left owing is over with it. */
    readonly settlesOwed?: true;
    readonly decision?: AuditEvent | undefined;
    /** The device is remembered with it. */
    readonly device?: { readonly change: DeviceChange; readonly carried: SessionDevice };
  };
  /** The login method to add and to link, when the user does not have it yet. */
  readonly link?: LoginMethod;
  /** The account that was `link` and nothing else: it ceases to be, and its sessions end. */
  readonly absorbs?: User;
  /** A method whose address this code proves as well. */
  readonly verifies?: LoginMethod;
  /** Also put the factor on the user's own list. */
  readonly optIn: boolean;
  /** What the audit says of it, if anything. */
  readonly audit?: readonly AuditEvent[];
  /** Counts of wrong guesses that start anew; the destination's other devices die with it. */
  readonly budgets: readonly Budget[];
}

export type CompletionOutcome =
  | { readonly status: 'OK' }
  /** The code was used, or ran out, in the meantime. */
  | { readonly status: 'CODE_GONE' }
  /** The session is over. */
  | { readonly status: 'SESSION_GONE' }
  /** The session's refresh token moved on; here is where it stands. */
  | { readonly status: 'SESSION_MOVED'; readonly session: SessionRecord }
  /** The user changed meanwhile. */
  | { readonly status: 'USER_CHANGED' }
  /** @see wire.md §6.7: 017, 018, 019 */
  | { readonly status: 'CONFLICT'; readonly code: 'ERR_CODE_017' | 'ERR_CODE_018' | 'ERR_CODE_019' };

export interface CompletionStore {
  complete(completion: Completion): Promise<CompletionOutcome>;
}

/** How the code or link of a first factor is used, in one transaction with what it brings about. */
export interface FirstFactorStore {
  /**
   * Uses the device and starts its address's count of wrong guesses anew; with `account`, makes that account as well.
   *
   * @returns `CODE_GONE` when it was used, replaced, or ran out meanwhile; `CONTACT_TAKEN` when the address got an
   * account meanwhile. Nothing is written then.
   */
  use(step: {
    readonly device: Device;
    readonly requestId: string;
    readonly now: number;
    readonly budgets: readonly Budget[];
    readonly account?: { readonly user: User; readonly method: LoginMethod };
  }): Promise<'OK' | 'CODE_GONE' | 'CONTACT_TAKEN'>;
}
