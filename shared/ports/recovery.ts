import type { LoginMethod, User } from '../account/user.ts';
import type { FactorId } from '../mfa/factor.ts';
import type { LinkToken } from '../recovery/token.ts';
import type { Undo } from '../notices/undo.ts';
import type { Device } from '../otp/device.ts';
import type { Budget } from './limits.ts';
import type { AuditEvent } from './surroundings.ts';

export interface TokenStore {
  /** Stores a link's token; an earlier one of the same user and purpose is good for nothing from now on. */
  issue(token: LinkToken): Promise<void>;
  /** Strongly consistent. @returns undefined for an unknown or a used one; expiry is the caller's to compare. */
  find(tenantId: string, hash: string): Promise<LinkToken | undefined>;
}

/** `TOKEN_GONE`: used, superseded or expired meanwhile. `CHANGED`: the account was, and the token is still good. */
export type RedeemOutcome = 'OK' | 'TOKEN_GONE' | 'CHANGED';

/** What a forgotten or changed password writes: all of it in one transaction, or nothing. */
export interface PasswordStore {
  /** Uses the token; sets the password, proves its address, ends every session and every other link of the user, writes
   * it down. */
  reset(reset: {
    readonly token: LinkToken;
    readonly user: User;
    readonly method: LoginMethod;
    readonly passwordHash: string;
    readonly owed: readonly FactorId[];
    readonly removes: readonly LoginMethod[];
    readonly audit: AuditEvent;
    readonly now: number;
  }): Promise<RedeemOutcome>;
  /** Ends every other session and every link of the user. @returns false when account or session changed meanwhile. */
  change(change: {
    readonly user: User;
    readonly method: LoginMethod;
    readonly handle: string;
    readonly passwordHash: string;
    readonly now: number;
  }): Promise<boolean>;
  /**
   * Ends every session and every link of the user but the ways back, takes every password out of use, and takes back what
   * `undo` names.
   *
   * @param step.epoch as the notice knew the account: one that was disowned since is not disowned again by it, so that of
   * all notices up to then one works, once; one that still takes something back works for that, whatever came before.
   */
  disown(step: {
    readonly user: User;
    readonly epoch: number;
    readonly tenantId: string;
    readonly undo: Undo;
    readonly now: number;
  }): Promise<RedeemOutcome>;
}

export interface VerificationStore {
  /** Uses the token and marks its method's address as proven, in one transaction. */
  verify(proof: { readonly token: LinkToken; readonly now: number }): Promise<RedeemOutcome>;
}

/** A contact takes another's place in the login methods that have it. */
export interface ContactChange {
  readonly user: User;
  /** As they are before. */
  readonly methods: readonly LoginMethod[];
  readonly kind: 'email' | 'phone';
  readonly from: string;
  readonly to: string;
  readonly now: number;
}

export interface ContactStore {
  /**
   * Uses the code, moves every lookup, ends every other session and every link of the user. With `revert`, the old
   * contact is kept for the user as long as that token lives.
   */
  change(
    change: ContactChange & {
      readonly device: Device;
      readonly requestId: string;
      readonly handle: string;
      readonly budgets: readonly Budget[];
      readonly revert?: LinkToken;
    },
  ): Promise<'OK' | 'CODE_GONE' | 'TAKEN' | 'CHANGED'>;
  /**
   * Uses the token, moves every lookup back, takes every password of the user out of use, ends all sessions and links,
   * and every way back that is newer than this one.
   */
  revert(change: ContactChange & { readonly token: LinkToken }): Promise<RedeemOutcome>;
}
