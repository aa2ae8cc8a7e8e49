import { hash } from 'node:crypto';

/**
 * Is the user among the share of all users that a rule has reached?
 *
 * Depends on the two ids alone: the same answer at every sign-in and on every machine, and raising the share only adds
 * people. Different rules reach different people, so that nobody is the guinea pig of all of them.
 *
 * @param percent 0: nobody. 100: everybody. Fractions count.
 */
export const isReached = (userId: string, ruleId: string, percent: number): boolean =>
  placeOf(userId, ruleId) < percent;

const STEPS = 2 ** 32;

/** From 0 up to, and never, 100; evenly spread over users. No id contains a NUL. */
const placeOf = (userId: string, ruleId: string): number =>
  (hash('sha256', `${userId}\0${ruleId}`, 'buffer').readUInt32BE(0) / STEPS) * 100;
