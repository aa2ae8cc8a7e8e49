import type { User } from '../account/user.ts';
import type { ContactKind, PrimaryKind } from './accounts.ts';
import type { AuditEvent } from './surroundings.ts';

/** A contact that is another account's. */
export interface TakenContact {
  readonly kind: ContactKind | PrimaryKind;
  readonly tenantId: string;
}

export type ImportOutcome =
  | { readonly status: 'CREATED' }
  /** There is a user of that id. */
  | { readonly status: 'EXISTS' }
  | { readonly status: 'TAKEN'; readonly contacts: readonly TakenContact[] }
  /** More than one transaction holds. */
  | { readonly status: 'TOO_MANY' };

export interface ImportStore {
  /**
   * Everything a user has, its lookups and its memberships, in one transaction: all of it or nothing.
   *
   * @param step.importedAs what its line said, as a MAC.
   * @param step.token of this attempt: a repetition after a lost reply is answered as the first was.
   */
  create(step: {
    readonly user: User;
    readonly importedAs: string;
    readonly audit: AuditEvent;
    readonly token: string;
  }): Promise<ImportOutcome>;
  /** What `create` would answer, without writing. */
  check(user: User, now: number): Promise<ImportOutcome>;
  /** Strongly consistent. `importedAs`: absent for one that was not imported. */
  find(userId: string): Promise<{ readonly user: User; readonly importedAs?: string } | undefined>;
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
