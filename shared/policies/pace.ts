import type { Clock } from '../ports.ts';

export interface Waiting {
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/**
 * Lets so many through in a second, evenly: time that went by unused is not made up for.
 *
 * @param perSecond 0: no limit.
 */
export function pacer(perSecond: number, { clock, sleep }: Waiting): () => Promise<void> {
  if (perSecond === 0) return async () => {};
  const gap = 1000 / perSecond;
  let seen = clock.now();
  let turn = seen - gap;
  return async () => {
    const now = clock.now();
    // A clock that was set back must not make anybody wait for the time it had.
    if (now < seen) turn -= seen - now;
    seen = now;
    turn = Math.max(turn + gap, now);
    if (turn <= now) return;
    await sleep(turn - now);
    seen = clock.now();
  };
}

/** At most `limit` at a time. @returns in the order of `items`; the first failure ends it. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at]!);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
