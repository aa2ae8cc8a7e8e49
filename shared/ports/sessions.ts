import type { SessionRecord } from '../session/session.ts';
import type { AuditEvent } from './surroundings.ts';
import type { DeviceChange, DeviceRotation, RememberedDevice } from '../trusted-devices/device.ts';

export interface SessionStore {
  /**
   * Stores a session, in one request with what happens to its device: remembered, or its value replaced; with the
   * end of the session it replaces; and with the record of what the policy decided.
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
      readonly decision?: AuditEvent | undefined;
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
   * @returns the session as it is now, with `moved` telling whether this call moved it, and `heldSince` then, when the
   * token that was in force until now came to be (epoch milliseconds); undefined when there is none.
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
  }): Promise<
    | { readonly moved: true; readonly session: SessionRecord; readonly heldSince: number }
    | { readonly moved: false; readonly session: SessionRecord }
    | undefined
  >;
  /** Replaces a child that was never presented by one on the next branch. @returns false when another call was first. */
  rebranch(step: {
    readonly session: SessionRecord;
    readonly to: string;
    readonly now: number;
    readonly fingerprint: string;
  }): Promise<boolean>;
  /**
   * Writes down that the policy's answer changed, if nobody has and the session is still as it was seen. A session that
   * has no answer yet gets one, and no record.
   */
  noteAnswer(change: {
    readonly session: SessionRecord;
    readonly satisfied: boolean;
    readonly decision: AuditEvent;
  }): Promise<void>;
  /** Marks, never deletes: a refresh in flight cannot bring it back. @returns false when there is no such live session. */
  revoke(userId: string, handle: string, now: number, reason: string): Promise<boolean>;
}

export interface DeviceStore {
  /** The record of it, if there is one, is written with it. @returns false when the user has no such device in this tenant. */
  forget(userId: string, id: string, tenantId: string, audit?: AuditEvent): Promise<boolean>;
}
