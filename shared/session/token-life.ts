import type { Config } from '../config.ts';

/** A session that still owes a factor gets a shorter token: 600 seconds. @see security.md §1.9 */
const PENDING_TOKEN_SECONDS = 600;
/** Up to 5 % off a token's life, so that tabs and clients do not all come back at once. */
const JITTER = 0.05;

type LifeConfig = Pick<Config, 'ACCESS_TOKEN_SECONDS'>;

/** What the refresh token beside it decides, so that whoever is shown that one knows when this one ends. */
const jittered = (seconds: number, refreshHash: string): number =>
  Math.ceil(seconds * (1 - (Number.parseInt(refreshHash.slice(0, 8), 16) / 2 ** 32) * JITTER));

const endAfter = (seconds: number, at: number): number => Math.floor(at / 1000) + seconds;

/**
 * When an access token ends: epoch seconds, at least one from now.
 *
 * @param about.issuedAt when the refresh token beside it came to be. Like `now` and `until`, epoch milliseconds.
 */
export function endOfToken(
  about: {
    readonly refreshHash: string;
    readonly issuedAt: number;
    readonly pending: boolean;
    readonly until: number;
    readonly now: number;
  },
  { ACCESS_TOKEN_SECONDS }: LifeConfig,
): number {
  const { refreshHash, issuedAt, pending, until, now } = about;
  const seconds = pending ? Math.min(ACCESS_TOKEN_SECONDS, PENDING_TOKEN_SECONDS) : ACCESS_TOKEN_SECONDS;
  const end = Math.min(endAfter(jittered(seconds, refreshHash), issuedAt), Math.floor(until / 1000));
  return Math.max(end, endAfter(1, now));
}

/**
 * Is the client back before its access token has run out? Then somebody sent it: its token was refused.
 *
 * Never false where it is; true also of one that owed a factor and got a shorter token.
 */
export const isBackEarly = (
  { refreshHash, issuedAt, now }: { readonly refreshHash: string; readonly issuedAt: number; readonly now: number },
  { ACCESS_TOKEN_SECONDS }: LifeConfig,
): boolean => now < endAfter(jittered(ACCESS_TOKEN_SECONDS, refreshHash), issuedAt) * 1000;
