import type { Clock } from '../ports.ts';

const MAX_ENTRIES = 1_000;

/**
 * A per-container cache of configuration, never of anything about a user.
 *
 * Parallel callers share one read. What does not exist is not remembered, nor is a failure; the oldest entry goes when
 * a thousand are held.
 */
export function cached<T>(
  { clock, cacheSeconds }: { readonly clock: Clock; readonly cacheSeconds: number },
  read: (id: string) => Promise<T | undefined>,
): (id: string) => Promise<T | undefined> {
  const entries = new Map<string, { readonly until: number; readonly value: Promise<T | undefined> }>();

  return async (id) => {
    const hit = entries.get(id);
    if (hit !== undefined && clock.now() < hit.until) return hit.value;
    const value = read(id);
    entries.delete(id);
    if (cacheSeconds > 0) {
      entries.set(id, { until: clock.now() + cacheSeconds * 1000, value });
      if (entries.size > MAX_ENTRIES) entries.delete(entries.keys().next().value!);
    }
    const forget = () => {
      if (entries.get(id)?.value === value) entries.delete(id);
    };
    try {
      const found = await value;
      if (found === undefined) forget();
      return found;
    } catch (error) {
      forget();
      throw error;
    }
  };
}
