/** One thing that is counted: so many per window. */
export interface Limit {
  /** Names the counter; enters the key as it is. */
  readonly scope: string;
  readonly tenantId: string;
  /** Whose it is; enters the key as HMAC. */
  readonly subject: string;
  /** At most this many, or this much, per window. Windows are fixed: `[seconds, max]`, longest last. */
  readonly windows: readonly (readonly [seconds: number, max: number])[];
  /** What one event weighs; 1 unless told. */
  readonly amount?: number;
  /** A second count inside the first, for one part of its subjects: an address prefix within an account. */
  readonly per?: { readonly subject: string; readonly max: number };
  /**
   * Who the event tries, where different ones may fail in the longest window, and how many: accounts, of an address.
   * Such an event is settled once it is known whether it passed.
   */
  readonly among?: { readonly subject: string; readonly max: number };
}

/** An event of a limit with `among`, for `settle`. */
export interface Attempt {
  /** What it and others before it left in the item, to be taken out when it is written again. */
  readonly over: readonly string[];
  /** Nothing need be written if it passes. */
  readonly isTidy: boolean;
}

export type LimitOutcome =
  | {
      readonly allowed: true;
      /** Times of this window's earlier events and this one, oldest first, for limits that keep a trail. */
      readonly trail: readonly number[];
      /** Of a limit with `among`. */
      readonly attempt?: Attempt;
    }
  | { readonly allowed: false; readonly retryAfterMs: number };

export interface LimitStore {
  /** Counts one event in all windows or in none, atomically. With `keepTrail`, remembers when. */
  spend(limit: Limit, now: number, keepTrail?: boolean): Promise<LimitOutcome>;
  /**
   * Says how an event of a limit with `among` ended. An event that is never settled stops counting by itself. A pass
   * costs a request only where its subject had failed before, or many were tried.
   *
   * @returns whether this failure was the one that used the limit up.
   */
  settle(limit: Limit, attempt: Attempt, passed: boolean, now: number): Promise<boolean>;
  /** Counts different values, not events: in the longest window, one that was seen is free. Atomic as well. */
  spendDistinct(limit: Limit, value: string, now: number): Promise<LimitOutcome>;
  /** Gives one event back; never below zero. */
  refund(limit: Limit, now: number): Promise<void>;
}

export type BudgetOutcome =
  | {
      readonly allowed: true;
      /** Guesses left before the lock, this one spent. */
      readonly left: number;
      /** Devices made at or before this time are dead, epoch milliseconds. */
      readonly deadBefore: number;
    }
  | { readonly allowed: false; readonly reason: 'locked'; readonly retryAfterMs: number }
  | { readonly allowed: false; readonly reason: 'disabled' };

/** Consecutive wrong guesses over all devices: claimed before a code is compared, given back by a right one. */
export interface BudgetStore {
  claim(budget: Budget, now: number): Promise<BudgetOutcome>;
  /** Undoes one claim whose guess was not compared after all. */
  giveBack(budget: Budget): Promise<void>;
  deadBefore(budget: Budget): Promise<number>;
  /** Whether a guess would be compared now. Spends nothing. */
  isOpen(budget: Budget, now: number): Promise<boolean>;
  /** Kills the devices made at or before `time`. */
  retire(budget: Budget, time: number): Promise<void>;
}

export interface Budget {
  readonly scope: 'otp-user' | 'otp-to' | 'otp1-to';
  readonly tenantId: string;
  readonly subject: string;
}
