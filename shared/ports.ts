import type { CryptoKey } from 'jose';
import type { Tenant } from './account/tenant.ts';
import type { LoginMethod, User } from './account/user.ts';
import type { MessageFacts } from './delivery/facts.ts';
import type { BackupCodes } from './backup-codes/backup-codes.ts';
import type { Secrets } from './keys/secrets.ts';
import type { FactorId, SecondFactor } from './mfa/factor.ts';
import type { Completed } from './mfa/requirements.ts';
import type { LinkToken } from './recovery/token.ts';
import type { Device } from './otp/device.ts';
import type { SessionRecord } from './session/session.ts';
import type { DeviceChange, DeviceRotation, RememberedDevice, SessionDevice } from './trusted-devices/device.ts';
import type { TotpDevice } from './totp/device.ts';
import type { Identity } from './third-party/identity.ts';
import type { Provider } from './third-party/presets.ts';

/** The outside world on one page. Domain functions take `(input, ports)`; adapters live in dynamo/ and delivery/. */

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
   * May be as old as `TENANT_CACHE_SECONDS`.
   *
   * @returns undefined for an unknown tenant; `public` always exists.
   * @throws MalformedTenant for one that cannot be used.
   */
  get(tenantId: string): Promise<Tenant | undefined>;
}

export interface RoleStore {
  /** Union of the roles' permissions, sorted; unknown roles have none. Cached as tenants are. */
  permissionsOf(roles: readonly string[]): Promise<readonly string[]>;
}

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
}

/** What an own change of factors writes, in one transaction. */
export interface FactorStore {
  /**
   * Adds or removes a factor on the user's own list and, with `endOthers`, ends every other session of the user.
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

export interface SessionStore {
  /**
   * Stores a session, in one request with what happens to its device: remembered, or its value replaced; and with the
   * end of the session it replaces.
   *
   * @returns `created: false` and the device as it is when its value was replaced, or it was forgotten, meanwhile;
   * `replaced: false` when the session to be replaced ended or was refreshed meanwhile. Nothing is written then.
   */
  create(
    session: SessionRecord,
    beside?: {
      readonly remember?: DeviceChange | undefined;
      readonly rotate?: DeviceRotation | undefined;
      readonly replaces?: SessionRecord | undefined;
    },
  ): Promise<
    | { readonly created: true; readonly replaced?: true }
    | { readonly created: false; readonly replaced?: boolean; readonly device?: RememberedDevice | undefined }
  >;
  /** Strongly consistent. */
  get(userId: string, handle: string): Promise<SessionRecord | undefined>;
  list(userId: string): Promise<readonly SessionRecord[]>;
  /**
   * Moves a session from `refreshTokenHash` to its successor, if that is still the one in force, the session lives,
   * and the user's epoch is unchanged.
   *
   * @returns the session as it is now, with `moved` telling whether this call moved it; undefined when there is none.
   */
  rotate(step: {
    readonly userId: string;
    readonly handle: string;
    readonly epoch: number;
    readonly from: string;
    readonly to: string;
    readonly now: number;
    readonly fingerprint: string;
    readonly idleExpiresAt: number;
  }): Promise<{ readonly moved: boolean; readonly session: SessionRecord } | undefined>;
  /** Replaces a child that was never presented by one on the next branch. @returns false when another call was first. */
  rebranch(step: {
    readonly session: SessionRecord;
    readonly to: string;
    readonly now: number;
    readonly fingerprint: string;
  }): Promise<boolean>;
  /** Marks, never deletes: a refresh in flight cannot bring it back. @returns false when there is no such live session. */
  revoke(userId: string, handle: string, now: number, reason: string): Promise<boolean>;
}

export interface DeviceStore {
  /** @returns false when the user has no such device in this tenant. */
  forget(userId: string, id: string, tenantId: string): Promise<boolean>;
}

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

export interface TotpStore {
  /** In place of one of its name that was never verified. @returns false when account, session or device changed meanwhile. */
  put(change: AccountChange & { readonly device: TotpDevice }): Promise<boolean>;
  /** @returns false when account, session or device changed meanwhile. */
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
  /** Uses the token; sets the password, proves its address, ends every session and every other link of the user. */
  reset(reset: {
    readonly token: LinkToken;
    readonly user: User;
    readonly method: LoginMethod;
    readonly passwordHash: string;
    readonly owed: readonly FactorId[];
    readonly removes: readonly LoginMethod[];
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
   * Ends every session and every link of the user but the ways back, and takes every password out of use.
   *
   * @param step.epoch as the notice knew the account: one that was disowned since is not disowned again by it, so that of
   * all notices up to then one works, once.
   */
  disown(step: {
    readonly user: User;
    readonly epoch: number;
    readonly tenantId: string;
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
}

export type LimitOutcome =
  | {
      readonly allowed: true;
      /** Times of this window's earlier events and this one, oldest first, for limits that keep a trail. */
      readonly trail: readonly number[];
    }
  | { readonly allowed: false; readonly retryAfterMs: number };

export interface LimitStore {
  /** Counts one event in all windows or in none, atomically. With `keepTrail`, remembers when. */
  spend(limit: Limit, now: number, keepTrail?: boolean): Promise<LimitOutcome>;
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

/** A sign-in that is away at a provider. */
export interface OauthState {
  readonly tenantId: string;
  /** SHA-256 of the PKCE verifier, base64url. */
  readonly codeChallenge: string;
  readonly thirdPartyId: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly nonce: string;
  readonly browserHash?: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface OauthStateStore {
  put(state: OauthState): Promise<void>;
  /**
   * Uses a state up, atomically, BEFORE anything of it is compared.
   *
   * @returns undefined when it is unknown, of another tenant, or was used by another request.
   */
  claim(tenantId: string, codeVerifier: string, requestId: string): Promise<OauthState | undefined>;
}

/** Address and proof of a method as its provider has them now. */
export interface ProviderEmailStore {
  /** `taken`: another primary user has it. `changed`: the user was changed or disabled meanwhile. */
  replace(change: {
    readonly user: User;
    readonly method: LoginMethod;
    readonly email: string;
  }): Promise<'done' | 'taken' | 'changed'>;
}

/** The reason is for the log: it names what failed and repeats nothing that was sent. `DENIED`: no code came. */
export type ProviderFailure = { readonly status: 'FAILED' | 'DENIED'; readonly reason: string };

export type IdentityAnswer = { readonly status: 'OK'; readonly identity: Identity } | ProviderFailure;

/** Providers of identities, within three seconds. Never throws for what a provider did. */
export interface IdentityProviders {
  /** The provider's page, with everything in its query but `state`. */
  authorise(
    provider: Provider,
    ask: { readonly redirectUri: string; readonly codeChallenge: string; readonly nonce: string },
  ): Promise<{ readonly status: 'OK'; readonly url: string } | ProviderFailure>;
  /** Redeems a code and verifies everything about what comes for it. */
  identify(
    provider: Provider,
    answer: {
      readonly tenantId: string;
      readonly redirectUri: string;
      readonly params: Readonly<Record<string, string>>;
      readonly codeVerifier: string;
      readonly nonce: string;
    },
  ): Promise<IdentityAnswer>;
}

export interface ProviderSecrets {
  /** @throws where it was sealed for another provider or tenant. */
  open(tenantId: string, thirdPartyId: string, sealed: string): Promise<string>;
}

export interface SecretSealer {
  seal(plain: Uint8Array, use: string): Promise<Uint8Array>;
}

/** Something that happened to a user, for later. Never a secret; contacts only masked. */
export interface AuditEvent {
  readonly userId: string;
  readonly tenantId: string;
  readonly at: number;
  readonly event: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface AuditStore {
  write(event: AuditEvent): Promise<void>;
}

export interface EmailMessage {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly purpose: string;
  readonly preAuthSessionId?: string;
  /** For a sender of the customer's own. */
  readonly facts?: MessageFacts;
}

export interface SmsMessage {
  readonly to: string;
  readonly text: string;
  readonly purpose: string;
  readonly preAuthSessionId?: string;
  /** For a sender of the customer's own. */
  readonly facts?: MessageFacts;
}

/** `undeliverable`: this address will not work, try another way. `failed`: not now. */
export type DeliveryOutcome = 'sent' | 'undeliverable' | 'failed';

export interface Mailer {
  /** Awaited until SES has taken it; at most 4 seconds. */
  send(message: EmailMessage): Promise<DeliveryOutcome>;
}

export interface Texter {
  /** Published at most once, never repeated by itself: a repeat may deliver twice. */
  send(message: SmsMessage): Promise<DeliveryOutcome>;
}

export type { Completed };
