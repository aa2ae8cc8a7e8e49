import { FRESH_FACTOR_SECONDS } from '../limits.ts';
import type { Facts } from './facts.ts';
import { type FactorId, FACTORS, isKnownFactor, isSameWay } from './factor.ts';

/** Seconds since a session's newest factor but its first; Infinity where there was none. A time to come counts as now. */
export function secondFactorAge(
  { firstFactor, completed }: Pick<Facts['session'], 'firstFactor' | 'completed'>,
  now: number,
): number {
  const times = Object.entries(completed).flatMap(([factor, at]) => (factor === firstFactor ? [] : [at]));
  return Math.max(0, now / 1000 - Math.max(-Infinity, ...times));
}

/**
 * The account has a second factor, and this session has not shown one in the last 5 minutes: too long ago to change
 * factors or contacts on the strength of it.
 */
export function isStale({ user, session, now }: Facts): boolean {
  const hasSecond = user.factorsSetUp.some(
    (factor) => factor !== session.firstFactor && !isSameWay(factor, session.firstFactor) && canBeSecond(factor),
  );
  return hasSecond && secondFactorAge(session, now) > FRESH_FACTOR_SECONDS;
}

/** A password beside a provider or a code is another way in, and nothing that could be shown after it. */
const canBeSecond = (factor: FactorId): boolean => !isKnownFactor(factor) || FACTORS[factor].second;

/** Reason of the 403 `st-mfa` that asks for a fresh factor. */
export const STALE = {
  message: 'MFA factor is not fresh enough for this operation',
  maxAgeInSeconds: FRESH_FACTOR_SECONDS,
} as const;
