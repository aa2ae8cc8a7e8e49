import { FUNCTION_SECONDS } from '../limits.ts';
import type { Attempt } from '../ports.ts';
import type { Item } from './table-client.ts';

/**
 * Different subjects that fail under one limit, counted exactly and without a request for those that succeed.
 *
 * Two string sets of the limit's item: `failed` has who failed, `tried` has who was tried and when. Trying writes to
 * `tried` in the write that counts the event anyway; failing moves to `failed`; succeeding writes nothing, and what it
 * left in `tried` stops counting once no request of then can be under way. So of any number of parallel tries, no more
 * than `max` different subjects are ever compared and fail.
 */

/** No request lives longer. */
export const LONGEST_REQUEST_MS = FUNCTION_SECONDS * 1000;
/** From half of what may fail on, whoever succeeds says so, and a full house is not held up. */
const CROWD = 0.5;
/** As many entries, by what may fail, are tidied by whoever succeeds: the item stays small. */
const LITTER = 1.5;

/** @param who sixteen characters of an HMAC. */
export const entryOf = (who: string, now: number): string => `${who}.${Math.floor(now / 1000).toString(36)}`;

const whoOf = (entry: string): string => entry.slice(0, entry.indexOf('.'));
const secondOf = (entry: string): number => Number.parseInt(entry.slice(entry.indexOf('.') + 1), 36);

/** What the counting write adds, and on which condition it stands. */
export const claimOf = (who: string, max: number, now: number) => ({
  adds: ', tried :tried',
  condition: ' AND (attribute_not_exists(failed) OR contains(failed, :who) OR size(failed) < :most)',
  values: { ':tried': new Set([entryOf(who, now)]), ':who': who, ':most': max },
});

/** The attempt that was written, by the item as it was left. @returns undefined where it is one too many. */
export function attemptIn(item: Item | undefined, who: string, max: number, now: number): Attempt | undefined {
  const failed = setOf(item?.['failed']);
  const tried = [...setOf(item?.['tried'])];
  const isUnderWay = (entry: string) => (secondOf(entry) + 1) * 1000 > now - LONGEST_REQUEST_MS;
  const counted = new Set([...failed, ...tried.filter(isUnderWay).map(whoOf)]);
  const hasFailed = failed.has(who);
  if (!hasFailed && counted.size > max) return undefined;
  const over = tried.filter((entry) => !isUnderWay(entry));
  const isTidy = !hasFailed && counted.size < CROWD * max && tried.length < LITTER * max;
  return { over: [entryOf(who, now), ...over], isTidy };
}

/** Nobody new may fail in this window. */
export const isFull = (item: Item | undefined, who: string, max: number): boolean => {
  const failed = setOf(item?.['failed']);
  return failed.size >= max && !failed.has(who);
};

/** Whether the write that met `before` was the one that filled it. */
export const hasFilled = (before: Item | undefined, who: string, max: number): boolean => {
  const failed = setOf(before?.['failed']);
  return failed.size < max && new Set([...failed, who]).size >= max;
};

const setOf = (value: unknown): ReadonlySet<string> =>
  value instanceof Set ? new Set([...value].filter((member) => typeof member === 'string')) : new Set();
