/**
 * Configuration is as old as it may be and no older, one read serves all who wait for it, and neither a failure nor an
 * absence is remembered.
 *
 * Why: a tenant that was tightened must be tight a minute later, one that was just made must be there at once, and a
 * table that failed once must not fail a container for a minute.
 */
import { describe, expect, it } from 'vitest';
import { cached } from '../../../shared/dynamo/cache.ts';

/** A store that counts, answers what it is told, and answers when it is told. */
function setUp(cacheSeconds = 60) {
  let now = 1_000_000;
  const reads: string[] = [];
  const values = new Map<string, string>();
  let failing = false;
  const get = cached<string>({ clock: { now: () => now }, cacheSeconds }, async (id) => {
    reads.push(id);
    await Promise.resolve();
    if (failing) throw new Error('no table');
    return values.get(id);
  });
  return {
    get,
    reads,
    values,
    fail: (on: boolean) => (failing = on),
    advance: (ms: number) => (now += ms),
  };
}

describe('a cache of configuration', () => {
  it('keeps what it read to the very millisecond, and reads again at it', async () => {
    const { get, reads, values, advance } = setUp(60);
    values.set('acme', 'old');
    expect(await get('acme')).toBe('old');
    values.set('acme', 'new');
    advance(59_999);
    expect(await get('acme')).toBe('old');
    advance(1);
    expect(await get('acme')).toBe('new');
    expect(reads).toEqual(['acme', 'acme']);
  });

  it('reads once for all who ask at the same time, and apart for other names', async () => {
    const { get, reads, values } = setUp();
    values.set('acme', 'a').set('other', 'o');
    const answers = await Promise.all(['acme', 'acme', 'other', 'acme'].map(get));
    expect(answers).toEqual(['a', 'a', 'o', 'a']);
    expect(reads).toEqual(['acme', 'other']);
  });

  it('remembers no absence: what is made is there at once', async () => {
    const { get, values } = setUp();
    expect(await get('acme')).toBeUndefined();
    values.set('acme', 'a');
    expect(await get('acme')).toBe('a');
  });

  it('remembers no failure, and tells it to everybody who waited', async () => {
    const { get, values, fail } = setUp();
    values.set('acme', 'a');
    fail(true);
    const waiting = await Promise.allSettled([get('acme'), get('acme')]);
    expect(waiting.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fail(false);
    expect(await get('acme')).toBe('a');
  });

  it('goes on with nothing older than it may, though the next read fails', async () => {
    const { get, values, fail, advance } = setUp();
    values.set('acme', 'a');
    await get('acme');
    advance(60_000);
    fail(true);
    await expect(get('acme')).rejects.toThrow('no table');
  });

  it('reads every time where nothing may be kept', async () => {
    const { get, reads, values } = setUp(0);
    values.set('acme', 'a');
    await get('acme');
    await get('acme');
    expect(reads).toHaveLength(2);
  });

  it('holds a thousand names, and lets the oldest go', async () => {
    const { get, reads, values } = setUp();
    const names = Array.from({ length: 1_001 }, (_, i) => `t${i}`);
    for (const name of names) values.set(name, name);
    for (const name of names) await get(name);
    reads.length = 0;
    await get('t1000');
    await get('t1');
    expect(reads).toEqual([]);
    await get('t0');
    expect(reads).toEqual(['t0']);
  });
});
