import type { Clock } from '../ports.ts';

const MAX_ENTRIES = 1_000;
/** How long something goes on being used that cannot be read again. */
const STALE_MS = 60_000;
/** After a failure the table is left alone for this long. */
const RETRY_MS = 5_000;

interface Entry<T> {
  /** When it was asked for: what was true at some moment since. */
  readonly readAt: number;
  readonly value: Promise<T | undefined>;
  /** Until when it need not be read again. */
  readonly until: number;
  /** Once it is there. */
  readonly known?: T;
  /** What was held before, for when this one cannot be read. */
  readonly before: Entry<T> | undefined;
}

/**
 * A per-container cache of configuration, never of anything about a user.
 *
 * Parallel callers share one read. What does not exist is not remembered, nor is a failure; the oldest entry goes when
 * a thousand are held. What cannot be read again is used on for a minute from when it was read, where anything is kept.
 *
 * @param atMost how many seconds this one may be kept, where that is less than `cacheSeconds`.
 * @param read gets what is held from before, and when it is asked: epoch milliseconds.
 * @returns what reads, with `since`: nothing that was asked for earlier will do. Epoch milliseconds.
 */
export function cached<T>(
  {
    clock,
    cacheSeconds,
    atMost = () => cacheSeconds,
  }: { readonly clock: Clock; readonly cacheSeconds: number; readonly atMost?: (value: T) => number },
  read: (id: string, before: T | undefined, at: number) => Promise<T | undefined>,
): (id: string, since?: number) => Promise<T | undefined> {
  const entries = new Map<string, Entry<T>>();

  const keep = (id: string, entry: Entry<T>): void => {
    entries.delete(id);
    entries.set(id, entry);
    if (entries.size > MAX_ENTRIES) entries.delete(entries.keys().next().value!);
  };
  const endOf = (readAt: number, seconds: number): number => readAt + Math.min(seconds, cacheSeconds) * 1000;

  /** Whoever starts a read also notes what became of it. */
  const start = (id: string, held: Entry<T> | undefined): Entry<T> => {
    const readAt = clock.now();
    const before = held?.known === undefined ? held?.before : held;
    const replace = (next: Entry<T> | undefined) => {
      if (entries.get(id) !== entry) return;
      if (next === undefined) entries.delete(id);
      else keep(id, next);
    };
    const value = read(id, before?.known, readAt).then(
      (found) => {
        replace(
          found === undefined
            ? undefined
            : { ...entry, known: found, until: endOf(readAt, atMost(found)), before: undefined },
        );
        return found;
      },
      (error: unknown) => {
        const until = Math.min(clock.now() + RETRY_MS, (before?.readAt ?? 0) + STALE_MS);
        replace(before === undefined ? undefined : { ...before, until });
        throw error;
      },
    );
    const entry: Entry<T> = { readAt, value, until: endOf(readAt, cacheSeconds), before };
    if (entry.until > readAt) keep(id, entry);
    return entry;
  };

  return async (id, since = -Infinity) => {
    const held = entries.get(id);
    const isGood = held !== undefined && held.readAt >= since && clock.now() < held.until;
    const entry = isGood ? held : start(id, held);
    try {
      return await entry.value;
    } catch (error) {
      const { before } = entry;
      const isUsable = before !== undefined && before.readAt >= since && clock.now() < before.readAt + STALE_MS;
      if (isUsable) return before.known;
      throw error;
    }
  };
}
