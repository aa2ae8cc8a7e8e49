import { describe, expect, test } from 'vitest';
import { onFirstUse, overriding } from '../../shared/on-first-use.ts';

interface Counter {
  add(amount: number): Promise<number>;
  fail(): Promise<never>;
}

function counter(): Counter {
  let total = 0;
  return {
    add: (amount) => Promise.resolve((total += amount)),
    fail: () => Promise.reject(new Error('out of order')),
  };
}

describe('a store on first use', () => {
  test('is not made before it is asked, and once then', async () => {
    let made = 0;
    const store = onFirstUse(() => {
      made += 1;
      return Promise.resolve(counter());
    });
    expect(made).toBe(0);
    expect(await store.add(2)).toBe(2);
    expect(await store.add(3)).toBe(5);
    expect(made).toBe(1);
  });

  test('what it throws is what the caller gets', async () => {
    await expect(onFirstUse(() => Promise.resolve(counter())).fail()).rejects.toThrow('out of order');
  });

  test('one that cannot be made fails the call, and is tried again by the next', async () => {
    let isThere = false;
    const store = onFirstUse(() => (isThere ? Promise.resolve(counter()) : Promise.reject(new Error('no such file'))));
    await expect(store.add(1)).rejects.toThrow('no such file');
    isThere = true;
    expect(await store.add(1)).toBe(1);
  });

  test('is no promise: whoever awaits it gets the store', async () => {
    const store = onFirstUse(() => Promise.resolve(counter()));
    expect(await Promise.resolve(store)).toBe(store);
    expect(await store.add(1)).toBe(1);
  });

  test('has no copy: it says so instead of giving an empty one', () => {
    const store = onFirstUse(() => Promise.resolve(counter()));
    expect(() => ({ ...store })).toThrow('cannot be spread');
  });

  test('is overridden method by method', async () => {
    const store = onFirstUse(() => Promise.resolve(counter()));
    const doubled = overriding(store, { add: (amount) => store.add(2 * amount) });
    expect(await doubled.add(2)).toBe(4);
    await expect(doubled.fail()).rejects.toThrow('out of order');
  });
});
