import type { Config } from '../config.ts';

/** How long the parts of a rotation take, milliseconds. */
export interface KeyTimes {
  /** How long a key signs. */
  readonly rotationMs: number;
  /** How long a key is published before it signs. */
  readonly publishMs: number;
  /** How long a container goes on with the key set as it read it. */
  readonly freshMs: number;
  /** How long it goes on with one that could not be read again. @see security.md F16 */
  readonly staleMs: number;
  /** How long anybody may keep the published set. */
  readonly jwksMs: number;
  /** How long a key stays published after it was replaced. */
  readonly retainMs: number;
  /** From so old on, a key in use is overdue. */
  readonly overdueMs: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * Everything follows from the rotation's period. At 3 days or more it is the real numbers; below, each is a part of the
 * period, so that a rotation in seconds keeps the same order of events:
 *
 * - fresh + jwks < publish, and stale < publish: whoever knows an old set has read a newer one before the key signs;
 * - retain = stale + access-token life + authorizer's cache + skew: a container that could not read the set again may
 *   sign with the replaced key for `stale`, and what it signed last is good for a token's life.
 */
export function keyTimes(config: Pick<Config, 'KEY_ROTATION_SECONDS' | 'ACCESS_TOKEN_SECONDS'>): KeyTimes {
  const rotationMs = config.KEY_ROTATION_SECONDS * 1_000;
  const part = (real: number, parts: number) => Math.min(real, rotationMs / parts);
  const staleMs = part(HOUR, 4);
  const authorizerMs = part(2 * HOUR, 4);
  const skewMs = part(5 * MINUTE, 20);
  const retainMs = staleMs + config.ACCESS_TOKEN_SECONDS * 1_000 + authorizerMs + skewMs;
  return {
    rotationMs,
    publishMs: part(24 * HOUR, 3),
    freshMs: part(5 * MINUTE, 20),
    staleMs,
    jwksMs: part(5 * MINUTE, 20),
    retainMs,
    overdueMs: Math.max(rotationMs, retainMs) + Math.max(rotationMs / 10, part(48 * HOUR, 2)),
  };
}
