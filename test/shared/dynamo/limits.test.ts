/**
 * An event counts in every window or in none, and no number of parallel events passes a limit.
 *
 * Why: a limit that is read before it is counted holds only for those who ask politely, one after the other.
 */
import { describe, expect, it } from 'vitest';
import { randomUUID } from 'node:crypto';
import { dynamoLimits } from '../../../shared/dynamo/limits.ts';
import type { Limit } from '../../../shared/ports.ts';
import { MINUTE, NOW, parallel, useStoreTable } from '../../support/stores.ts';

const { table, keys } = useStoreTable();
const limits = () => dynamoLimits(table(), keys);
const aLimit = (about: Partial<Limit> = {}): Limit => ({
  scope: 'test',
  tenantId: 'public',
  subject: randomUUID(),
  windows: [
    [60, 3],
    [3_600, 5],
  ],
  ...about,
});
const allowedOf = (outcomes: readonly { readonly allowed: boolean }[]) =>
  outcomes.filter(({ allowed }) => allowed).length;

describe('spend', () => {
  it('allows three of thirty at the same time, and two more in the next minute, where the hour is full', async () => {
    const limit = aLimit();
    expect(allowedOf(await parallel(30, () => limits().spend(limit, NOW)))).toBe(3);
    expect(await limits().spend(limit, NOW)).toEqual({ allowed: false, retryAfterMs: MINUTE });
    expect(allowedOf(await parallel(30, () => limits().spend(limit, NOW + MINUTE)))).toBe(2);
    expect(await limits().spend(limit, NOW + 2 * MINUTE)).toEqual({ allowed: false, retryAfterMs: 58 * MINUTE });
    expect(allowedOf(await parallel(5, () => limits().spend(limit, NOW + 60 * MINUTE)))).toBe(3);
  });

  it('weighs events, and refuses one that is too heavy by itself', async () => {
    const limit = aLimit({ windows: [[3_600, 10]], amount: 4 });
    expect(allowedOf(await parallel(10, () => limits().spend(limit, NOW)))).toBe(2);
    expect(allowedOf([await limits().spend(aLimit({ windows: [[3_600, 3]], amount: 4 }), NOW)])).toBe(0);
  });

  it('counts a part within the whole, and a refused part costs the whole nothing', async () => {
    const limit = aLimit({ windows: [[3_600, 5]] });
    const from = (subject: string) => ({ ...limit, per: { subject, max: 2 } });
    expect(allowedOf(await parallel(10, () => limits().spend(from('a'), NOW)))).toBe(2);
    expect(allowedOf(await parallel(10, () => limits().spend(from('b'), NOW)))).toBe(2);
    expect(allowedOf(await parallel(10, () => limits().spend(from('c'), NOW)))).toBe(1);
  });

  it('remembers when, in order, for limits that ask for it', async () => {
    const limit = aLimit();
    await limits().spend(limit, NOW, true);
    expect(await limits().spend(limit, NOW + 1, true)).toEqual({ allowed: true, trail: [NOW, NOW + 1] });
  });
});

describe('spendDistinct', () => {
  it('counts values and not events, however many come at the same time', async () => {
    const limit = aLimit({ windows: [[3_600, 3]] });
    const outcomes = await parallel(24, (i) => limits().spendDistinct(limit, `country-${i % 8}`, NOW));
    const allowed = outcomes.flatMap((outcome, i) => (outcome.allowed ? [i % 8] : []));
    expect(new Set(allowed).size).toBe(3);
    const again = await parallel(3, (i) => limits().spendDistinct(limit, `country-${[...new Set(allowed)][i]}`, NOW));
    expect(allowedOf(again)).toBe(3);
  });
});

describe('refund', () => {
  it('gives one event back in every window, and never more than was spent', async () => {
    const limit = aLimit();
    await parallel(2, () => limits().spend(limit, NOW));
    await parallel(10, () => limits().refund(limit, NOW));
    expect(allowedOf(await parallel(10, () => limits().spend(limit, NOW)))).toBe(3);
    await limits().refund(limit, NOW);
    expect(allowedOf(await parallel(10, () => limits().spend(limit, NOW)))).toBe(1);
  });
});
