import { describe, expect, it } from 'vitest';
import { inParallel, pacer } from '../../../shared/policies/pace.ts';
import { sleepingClock } from '../../support/sleeping-clock.ts';

describe('pacer', () => {
  it('lets so many through in a second, evenly', async () => {
    const time = sleepingClock();
    const pace = pacer(50, time);
    for (let i = 0; i < 101; i += 1) await pace();
    expect(time.elapsed()).toBe(2_000);
  });

  it('holds for callers beside each other as well', async () => {
    const time = sleepingClock();
    const pace = pacer(10, time);
    await Promise.all(Array.from({ length: 21 }, () => pace()));
    expect(time.elapsed()).toBe(2_000);
  });

  it('makes up for no time that went by unused', async () => {
    const time = sleepingClock();
    const pace = pacer(10, time);
    await pace();
    await time.sleep(60_000);
    for (let i = 0; i < 11; i += 1) await pace();
    expect(time.elapsed()).toBe(61_000);
  });

  it('does not wait for the time by which a clock was set back', async () => {
    const time = sleepingClock();
    const pace = pacer(10, time);
    for (let i = 0; i < 5; i += 1) await pace();
    time.setBack(3_600_000);
    const before = time.slept();
    await pace();
    expect(time.slept() - before).toBeLessThanOrEqual(100);
  });

  it('never waits where there is no limit', async () => {
    const time = sleepingClock();
    const pace = pacer(0, time);
    for (let i = 0; i < 1_000; i += 1) await pace();
    expect(time.slept()).toBe(0);
  });
});

describe('inParallel', () => {
  it('does every item once, in order of answers, and never more at a time', async () => {
    let running = 0;
    let most = 0;
    const done = await inParallel([...Array(50).keys()], 8, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return item * 2;
    });
    expect(done).toEqual([...Array(50).keys()].map((item) => item * 2));
    expect(most).toBe(8);
  });

  it('does nothing for nothing, and fails with the first failure', async () => {
    expect(await inParallel([], 8, () => Promise.reject(new Error('never')))).toEqual([]);
    const failing = inParallel([1, 2, 3], 2, (item) =>
      item === 2 ? Promise.reject(new Error('two')) : Promise.resolve(),
    );
    await expect(failing).rejects.toThrow('two');
  });
});
