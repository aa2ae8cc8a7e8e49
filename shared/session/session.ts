import type { FactorId } from '../mfa/factor.ts';
import type { Completed } from '../mfa/requirements.ts';
import type { SessionDevice } from '../trusted-devices/device.ts';
import type { AccessTokenPayload } from './access-token.ts';

/** A session as its access token tells it: verified, stateless, at most one token life old. */
export interface Session {
  readonly userId: string;
  readonly recipeUserId: string;
  readonly tenantId: string;
  readonly handle: string;
  readonly completed: Completed;
  /** `st-mfa.v`. */
  readonly satisfied: boolean;
  readonly payload: AccessTokenPayload;
  readonly carrier: Carrier;
}

export type Carrier = 'cookie' | 'header';

/** A session as it is stored. Times are epoch milliseconds, hashes SHA-256 in hex. */
export interface SessionRecord {
  readonly userId: string;
  readonly handle: string;
  readonly tenantId: string;
  readonly recipeUserId: string;
  readonly firstFactor: FactorId;
  /** Epoch seconds, as `st-mfa.c` has them. */
  readonly completed: Completed;
  readonly createdAt: number;
  /** Hash of the refresh token that is good now. */
  readonly refreshTokenHash: string;
  /** Hash of the one it replaced. */
  readonly parentTokenHash?: string;
  /** The parent was replaced because the session gained a factor: it is forgiven for 5 seconds only. */
  readonly boundary: boolean;
  /** Counts refreshes. */
  readonly generation: number;
  /** How often this generation's token was re-issued after its grace. */
  readonly branch: number;
  readonly rotatedAt: number;
  /** HMAC of coarse client traits; never the address. */
  readonly fingerprint: string;
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
  readonly epoch: number;
  readonly revokedAt?: number;
  readonly userAgent?: string;
  /** What the policy said when it was last asked and written down. Absent in sessions from before it was. */
  readonly satisfied?: boolean;
  /** Absent: it began on a device nobody remembers. */
  readonly device?: SessionDevice;
}

export const isLive = (session: SessionRecord, now: number): boolean =>
  session.revokedAt === undefined && session.idleExpiresAt > now && session.absoluteExpiresAt > now;
