import type { User } from '../account/user.ts';
import type { TotpDevice } from '../totp/device.ts';
import type { ContactKind, PrimaryKind } from './accounts.ts';
import type { AuditEvent } from './surroundings.ts';

/** A contact that is another account's. */
export interface TakenContact {
  readonly kind: ContactKind | PrimaryKind;
  readonly tenantId: string;
  readonly value: string;
  /** Whose it is. */
  readonly userId: string;
}

export type ImportOutcome =
  | { readonly status: 'CREATED' }
  /** There is a user of that id. */
  | { readonly status: 'EXISTS' }
  | { readonly status: 'TAKEN'; readonly contacts: readonly TakenContact[] }
  /** More than one transaction holds. */
  | { readonly status: 'TOO_MANY' };

/** By recipeUserId: what a line said of the password, as a MAC. */
export type SaidPasswords = Readonly<Record<string, string>>;

export interface ImportedUser {
  readonly user: User;
  /** What its line said, as a MAC. Absent for one that was not imported. */
  readonly importedAs?: string;
  readonly saidPasswords: SaidPasswords;
  /** Metadata as it is stored, to be compared with. */
  readonly metadata: unknown;
}

/** What an import changes of a user who is there. Members that are absent stay as they are. */
export interface ImportChange {
  readonly status?: User['status'];
  readonly metadata?: User['metadata'];
  /** Of these tenants, each whole. */
  readonly roles: User['roles'];
  /** Whole. */
  readonly requiredFactors?: User['requiredFactors'];
  /** Those of a name that is there take the place of it. */
  readonly addedDevices: readonly TotpDevice[];
  readonly removedDevices: readonly TotpDevice[];
  readonly passwords: readonly {
    readonly recipeUserId: string;
    readonly passwordHash: string;
    readonly said: string;
  }[];
  /** Credentials are others: all sessions end, and no device is remembered. */
  readonly endsSessions: boolean;
}

export interface ImportStore {
  /**
   * Everything a user has, its lookups and its memberships, in one transaction: all of it or nothing. Of an id whose last
   * user was erased nothing is left before.
   *
   * @param step.importedAs what its line said, as a MAC.
   * @param step.token of this attempt: a repetition after a lost reply is answered as the first was.
   */
  create(step: {
    readonly user: User;
    readonly importedAs: string;
    readonly saidPasswords: SaidPasswords;
    readonly audit: AuditEvent;
    readonly token: string;
  }): Promise<ImportOutcome>;
  /** What `create` would answer, without writing. */
  check(user: User, now: number): Promise<ImportOutcome>;
  /**
   * One transaction, in which everything that changes must still be as it was found.
   *
   * @returns CHANGED, and nothing is written, where it is not.
   */
  update(step: {
    readonly found: ImportedUser;
    readonly change: ImportChange;
    readonly importedAs: string;
    readonly audit: AuditEvent;
    readonly token: string;
  }): Promise<'UPDATED' | 'CHANGED' | 'TOO_MANY'>;
  /** Strongly consistent. */
  find(userId: string): Promise<ImportedUser | undefined>;
  /** What happened to a user since then, oldest first. */
  history(userId: string, since: number, now: number): Promise<readonly HistoryEvent[]>;
}

/** An audit event as it is stored. */
export interface HistoryEvent {
  /** ISO. */
  readonly at: string;
  readonly event: string;
  readonly tenantId: string;
  readonly details?: Readonly<Record<string, unknown>>;
}
