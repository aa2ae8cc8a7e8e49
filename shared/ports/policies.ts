/** How a version came to be. `hand`: somebody edited the tenant's item, and we noticed. */
export type Via = 'api' | 'cli' | 'hand' | 'rollback';

/** A policy as it was made active once. Never changed. */
export interface PolicyVersion {
  /** 1, 2, 3 … without a gap. */
  readonly version: number;
  /** Absent: the tenant had none, and the default held. */
  readonly mfaPolicy?: unknown;
  readonly hash: string;
  /** Epoch milliseconds. Of an edit by hand: when it was noticed. */
  readonly at: number;
  /** ARN of the caller; `local` in the local run, `unknown` where nobody can tell. */
  readonly by: string;
  readonly reason: string;
  readonly via: Via;
  /** The version that a rollback brought back. */
  readonly from?: number;
  /** An edit by hand that has errors. */
  readonly isInvalid?: true;
}

export type PolicySummary = Omit<PolicyVersion, 'mfaPolicy'>;

/** A tenant's item as it was read; whoever writes says what it was, so that nothing in between is lost. */
export interface StoredTenant {
  /** Attributes without keys, sets as lists; undefined where there is no item. */
  readonly document: Readonly<Record<string, unknown>> | undefined;
  /** As stored, to be compared with by a condition. */
  readonly raw: { readonly mfaPolicy?: unknown; readonly policyState?: unknown };
  readonly newest: PolicySummary | undefined;
}

/** Which tenants there are. */
export interface TenantList {
  /** Ids, sorted. `public` is there without being listed. */
  list(): Promise<readonly string[]>;
  /**
   * Puts a tenant into the list whose item is there at that moment, and no other: any number of calls leave one entry.
   *
   * @returns whether this call did.
   */
  enlist(tenantId: string): Promise<boolean>;
}

export interface PolicyStore {
  /** Strongly consistent. */
  open(tenantId: string): Promise<StoredTenant>;
  /**
   * Records a version and makes it the tenant's policy, in one transaction.
   *
   * @returns false, and nothing is written, when the policy or its state is no longer what `seen` says, or the version
   * is there already.
   */
  activate(tenantId: string, next: PolicyVersion, seen: StoredTenant): Promise<boolean>;
  /** Puts back a lost state without making a version. @returns false when the item changed meanwhile. */
  restoreState(tenantId: string, newest: PolicySummary, seen: StoredTenant): Promise<boolean>;
  read(tenantId: string, version: number): Promise<PolicyVersion | undefined>;
  /** Newest first, those before version `before`, without documents. */
  list(tenantId: string, limit: number, before: number | undefined): Promise<readonly PolicySummary[]>;
}
