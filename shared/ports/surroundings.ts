import type { CryptoKey } from 'jose';
import type { Tenant } from '../account/tenant.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { DecisionRecord } from '../policies/decision-record.ts';

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

/** One structured line each. Fields are an allow-list by habit: never a code, token, cookie, body or address. */
export interface Log {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface Keyring {
  secrets(): Promise<Secrets>;
  signer(): Promise<{ readonly kid: string; readonly key: CryptoKey }>;
  /** By equality with a kid of our own set. @returns undefined for any other. */
  verifier(kid: string): Promise<CryptoKey | undefined>;
  /** Public members only: next, current and previous. */
  jwks(): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export interface TenantStore {
  /**
   * May be as old as `TENANT_CACHE_SECONDS`, and 5 seconds at most where its policy is immediate; a minute while the
   * table cannot be read.
   *
   * @param since one that was read earlier will not do. Epoch milliseconds.
   * @returns undefined for an unknown tenant; `public` always exists.
   * @throws MalformedTenant for one that cannot be used.
   */
  get(tenantId: string, since?: number): Promise<Tenant | undefined>;
}

export interface RoleStore {
  /** Union of the roles' permissions, sorted; unknown roles have none. Cached as tenants are. */
  permissionsOf(roles: readonly string[]): Promise<readonly string[]>;
}

/** Something that happened to a user, for later. Never a secret; contacts only masked. */
export interface AuditEvent {
  readonly userId: string;
  readonly tenantId: string;
  readonly at: number;
  readonly event: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** 400 unless told. */
  readonly keptDays?: number;
}

export interface AuditStore {
  write(event: AuditEvent): Promise<void>;
}

/** A decision as it was kept: see `decision-record.ts`. */
export interface KeptDecision {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly tenantId: string;
  readonly decision: DecisionRecord;
}

export interface DecisionStore {
  /**
   * Decisions about a user that are not expired, newest first. `from` and `to`, epoch milliseconds, are within them.
   *
   * @returns `next`, where there may be more: what `after` goes on from.
   */
  list(query: {
    readonly userId: string;
    readonly tenantId?: string | undefined;
    readonly from: number;
    readonly to: number;
    readonly now: number;
    readonly limit: number;
    readonly after?: string | undefined;
  }): Promise<{ readonly decisions: readonly KeptDecision[]; readonly next?: string }>;
}
