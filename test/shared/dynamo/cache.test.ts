/**
 * Configuration is as old as it may be and no older, one read serves all who wait for it, and neither a failure nor an
 * absence is remembered.
 *
 * Why: a tenant that was tightened must be tight when it is said to be, one that was just made must be there at once, a
 * table that failed once must not fail a container for long, nor one that fails for a moment fail everybody.
 */
import { describe, expect, it } from 'vitest';
import { cached } from '../../../shared/dynamo/cache.ts';

/** A store that counts, answers what it is told, and answers when it is told. */
function setUp(cacheSeconds = 60, atMost?: (value: string) => number) {
  let now = 1_000_000;
  const reads: string[] = [];
  const befores: (string | undefined)[] = [];
  const values = new Map<string, string>();
  let failing = false;
  const options = { clock: { now: () => now }, cacheSeconds, ...(atMost === undefined ? {} : { atMost }) };
  const get = cached<string>(options, async (id, before, at) => {
    reads.push(id);
    befores.push(before);
    expect(at).toBe(now);
    await Promise.resolve();
    if (failing) throw new Error('no table');
    return values.get(id);
  });
  return {
    get,
    reads,
    befores,
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
    const answers = await Promise.all(['acme', 'acme', 'other', 'acme'].map((id) => get(id)));
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

  it('goes on with what it has for a minute where the next read fails, and asks again every 5 seconds', async () => {
    const { get, reads, values, fail, advance } = setUp(5);
    values.set('acme', 'a');
    await get('acme');
    advance(5_000);
    fail(true);
    expect(await Promise.all([get('acme'), get('acme')])).toEqual(['a', 'a']);
    expect(await get('acme')).toBe('a');
    expect(reads).toHaveLength(2);
    advance(5_000);
    expect(await get('acme')).toBe('a');
    expect(reads).toHaveLength(3);
    advance(49_999);
    expect(await get('acme')).toBe('a');
    advance(1);
    await expect(get('acme')).rejects.toThrow('no table');
    fail(false);
    expect(await get('acme')).toBe('a');
  });

  it('is back with what there is as soon as a read succeeds', async () => {
    const { get, values, fail, advance } = setUp(5);
    values.set('acme', 'old');
    await get('acme');
    advance(5_000);
    fail(true);
    await get('acme');
    fail(false);
    values.set('acme', 'new');
    advance(4_999);
    expect(await get('acme')).toBe('old');
    advance(1);
    expect(await get('acme')).toBe('new');
  });

  it('goes on with nothing where nothing may be kept, though it had it a moment ago', async () => {
    const { get, values, fail } = setUp(0);
    values.set('acme', 'a');
    await get('acme');
    fail(true);
    await expect(get('acme')).rejects.toThrow('no table');
  });

  it('answers with nothing that was read before a moment somebody names, not even where a read fails', async () => {
    const { get, reads, values, fail, advance } = setUp(60);
    values.set('acme', 'old');
    await get('acme', 1_000_000);
    values.set('acme', 'new');
    expect(await get('acme', 1_000_000)).toBe('old');
    advance(1);
    fail(true);
    await expect(get('acme', 1_000_001)).rejects.toThrow('no table');
    expect(await get('acme')).toBe('old');
    fail(false);
    expect(await get('acme', 1_000_001)).toBe('new');
    expect(await get('acme')).toBe('new');
    expect(reads).toHaveLength(3);
  });

  it('keeps some for less long than others, and none for longer than may be', async () => {
    const { get, reads, values, advance } = setUp(60, (value) => (value === 'short' ? 5 : 1_000));
    values.set('one', 'short').set('other', 'long');
    for (const id of ['one', 'other']) await get(id);
    advance(5_000);
    for (const id of ['one', 'other']) await get(id);
    expect(reads).toEqual(['one', 'other', 'one']);
    advance(55_000);
    await get('other');
    expect(reads.at(-1)).toBe('other');
  });

  it('tells whoever reads what was there before', async () => {
    const { get, befores, values, fail, advance } = setUp(5);
    values.set('acme', 'a');
    await get('acme');
    advance(5_000);
    fail(true);
    await get('acme');
    fail(false);
    advance(5_000);
    await get('acme');
    expect(befores).toEqual([undefined, 'a', 'a']);
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
