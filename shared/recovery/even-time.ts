import { setTimeout as sleep } from 'node:timers/promises';

const FLOOR_MS = 700;
const JITTER_MS = 100;

/**
 * Answers no sooner than in 0.7 seconds: a mail that is sent for one address and not for another hides in them.
 *
 * A Lambda stops at its reply, so the mail cannot be sent after it. @see security.md §3.10
 */
export async function evenly<T>(work: Promise<T>): Promise<T> {
  const [result] = await Promise.all([work, sleep(FLOOR_MS + Math.random() * JITTER_MS)]);
  return result;
}
