import type { LoginMethod, User } from '../account/user.ts';
import type { FactorId } from '../mfa/factor.ts';
import type { LinkToken } from '../recovery/token.ts';
import type { Device } from '../otp/device.ts';
import type { AuditEvent } from './surroundings.ts';
import type { Budget } from './limits.ts';

export type ContactKind = 'emailpassword:email' | 'passwordless:email' | 'passwordless:phone' | 'thirdparty';

/** Whose an address is among primary users, whatever recipe it came by. */
export type PrimaryKind = 'primary:email' | 'primary:phone';

export interface UserStore {
  /** Strongly consistent. @returns whose contact it is, of that kind, on that tenant. */
  byContact(
    kind: ContactKind | PrimaryKind,
    tenantId: string,
    value: string,
  ): Promise<{ readonly userId: string } | undefined>;
  /** One strongly consistent Query of everything in front of the user's sessions. */
  load(userId: string): Promise<User | undefined>;
  /**
   * Profile, method, lookup and membership in one transaction, which uses up the token `using`, if there is one.
   *
   * @returns false when the contact is taken, or the token gone.
   */
  create(user: User, method: LoginMethod, using?: LinkToken): Promise<boolean>;
  /** Strength or parameters of hashing have moved on. Ignored if the method changed meanwhile. */
  replacePasswordHash(userId: string, method: LoginMethod, passwordHash: string): Promise<void>;
  /** Atomic, idempotent; the user must exist. @returns false when it does not. */
  setRequiredFactor(userId: string, factor: FactorId, required: boolean): Promise<boolean>;
  /**
   * Writes the deadlines of graces that begin, by rule, epoch milliseconds. One that stands is never moved.
   *
   * @returns the deadlines that stand for these rules: those of an earlier or parallel call where there was one.
   * undefined when there is no such user: nothing is written then.
   */
  startGrace(
    userId: string,
    tenantId: string,
    deadlines: Readonly<Record<string, number>>,
  ): Promise<Readonly<Record<string, number>> | undefined>;
}

/** Of what a sign-in claims, how that would end: for whoever asks without signing in. Strongly consistent. */
export interface ClaimReader {
  /**
   * Whose a contact is, of that kind, on that tenant; one that is kept after a change is that of whom it is kept for.
   *
   * @param now epoch milliseconds: what was kept until then is nobody's.
   */
  holder(
    kind: ContactKind | PrimaryKind,
    tenantId: string,
    value: string,
    now: number,
  ): Promise<{ readonly userId: string; readonly isKept: boolean } | undefined>;
  /**
   * `over`: too many were wrong in a row, and none is compared any more, whatever the time. `none`: none was counted
   * lately. A lock that passes is `some`.
   */
  guesses(budget: Budget): Promise<'none' | 'some' | 'over'>;
}

/** What an own change of factors writes, in one transaction. */
export interface FactorStore {
  /**
   * Adds or removes a factor on the user's own list, forgets remembered devices and, with `endOthers`, ends every other
   * session of the user.
   *
   * @returns false when the user or the session changed meanwhile; nothing is written then.
   */
  change(change: {
    readonly user: User;
    readonly handle: string;
    readonly factor: FactorId;
    readonly required: boolean;
    readonly endOthers: boolean;
    readonly now: number;
  }): Promise<boolean>;
}

/** A change, by one of its sessions, of what an account signs in with. */
export interface AccountChange {
  /** As it was read: a change in between turns this one down. */
  readonly user: User;
  /** The session that changes it. */
  readonly handle: string;
  /** End every other session of the user. */
  readonly endOthers: boolean;
  readonly now: number;
}

/** A change of the methods one account signs in with, in one transaction: all of it or nothing. */
export interface LinkChange {
  /** Whose methods these are afterwards, as it was read; its id stays. */
  readonly user: User;
  /** Methods nobody has yet. */
  readonly adds?: readonly LoginMethod[];
  /** Its methods and required factors move to `user`; the rest of it, and every session, ends. */
  readonly from?: User;
  readonly removes?: readonly LoginMethod[];
  /** The user holds its addresses among primary users from now on, if it did not. */
  readonly primary: boolean;
  /** The session that makes the change: it must be alive, and goes on. */
  readonly handle?: string;
  /** Every session of the user, but that one, and every link that was sent, ends. */
  readonly endsSessions: boolean;
  /** The code or link that proved a new method is used up with it. */
  readonly uses?: { readonly device: Device; readonly requestId: string; readonly budgets: readonly Budget[] };
  readonly audit: AuditEvent;
  readonly now: number;
}

export type LinkOutcome =
  | 'OK'
  | 'CODE_GONE'
  /** An account or the session is not as it was read. */
  | 'CHANGED'
  /** An address of the user's own is another primary user's. */
  | 'OWN_ADDRESS_TAKEN'
  /** The method is another account's. */
  | 'METHOD_TAKEN'
  /** The new address is another primary user's. */
  | 'ADDRESS_TAKEN'
  /** More than one transaction holds. */
  | 'TOO_MANY';

export interface LinkStore {
  apply(change: LinkChange): Promise<LinkOutcome>;
}
