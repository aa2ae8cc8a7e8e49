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

describe('a limit among subjects', () => {
  const TEN_MINUTES = 10 * MINUTE;
  const fleeting = (): Limit =>
    aLimit({
      windows: [
        [60, 1_000],
        [600, 1_000],
      ],
    });
  const trying = (limit: Limit, subject: string, max = 3): Limit => ({ ...limit, among: { subject, max } });

  /** A try that ends as it is told, as one request would. */
  async function attempt(limit: Limit, passes: boolean, now = NOW) {
    const outcome = await limits().spend(limit, now);
    if (!outcome.allowed) return { ...outcome, filled: false };
    return { ...outcome, filled: await limits().settle(limit, outcome.attempt!, passes, now) };
  }

  it('compares three of twelve that fail, however many are tried at the same time', async () => {
    const limit = fleeting();
    const outcomes = await parallel(48, (i) => attempt(trying(limit, `account-${i % 12}`), false));
    const compared = outcomes.flatMap((outcome, i) => (outcome.allowed ? [i % 12] : []));
    expect(new Set(compared).size).toBe(3);
    expect(outcomes.filter(({ filled }) => filled)).toHaveLength(1);
    const known = `account-${compared[0]}`;
    expect(await attempt(trying(limit, known), false)).toMatchObject({ allowed: true, filled: false });
    expect(await attempt(trying(limit, 'another'), false)).toMatchObject({ allowed: false, retryAfterMs: TEN_MINUTES });
    expect(await attempt(trying(limit, 'another'), false, NOW + TEN_MINUTES)).toMatchObject({ allowed: true });
  });

  it('lets no right one through among too many wrong ones: what is under way counts until it is known', async () => {
    const limit = fleeting();
    const outcomes = await parallel(24, (i) => limits().spend(trying(limit, `account-${i}`), NOW));
    expect(allowedOf(outcomes)).toBe(3);
    expect(outcomes.find(({ allowed }) => !allowed)).toEqual({ allowed: false, retryAfterMs: 15_000 });
  });

  it('forgets, after as long as a request may live, what was never settled', async () => {
    const limit = fleeting();
    for (let i = 0; i < 3; i += 1) await limits().spend(trying(limit, `gone-${i}`), NOW);
    expect(allowedOf([await limits().spend(trying(limit, 'next'), NOW + 14_999)])).toBe(0);
    expect(allowedOf([await limits().spend(trying(limit, 'next'), NOW + 16_000)])).toBe(1);
  });

  it('holds nobody up who succeeds, one after the other or a full house at once', async () => {
    const limit = fleeting();
    for (let i = 0; i < 60; i += 1) {
      expect(await attempt(trying(limit, `pupil-${i}`, 20), true, NOW + i * 500), `pupil ${i}`).toMatchObject({
        allowed: true,
      });
    }
    const last = await limits().spend(trying(limit, 'last', 20), NOW + MINUTE);
    // What is kept of those before does not grow with how many they were.
    expect(last.allowed && last.attempt!.over.length).toBeLessThan(31);
  });

  it('forgives whoever succeeds after all, and nobody else', async () => {
    const limit = fleeting();
    for (const subject of ['a', 'b', 'c']) await attempt(trying(limit, subject), false);
    expect(await attempt(trying(limit, 'd'), false)).toMatchObject({ allowed: false });
    expect(await attempt(trying(limit, 'a'), true)).toMatchObject({ allowed: true });
    expect(await attempt(trying(limit, 'd'), false)).toMatchObject({ allowed: true, filled: true });
    expect(await attempt(trying(limit, 'a'), false)).toMatchObject({ allowed: false });
  });

  it('writes nothing for a pass where little is tried', async () => {
    const limit = trying(fleeting(), 'somebody');
    const outcome = await limits().spend(limit, NOW);
    expect(outcome).toMatchObject({ allowed: true, attempt: { isTidy: true } });
    await limits().settle(limit, outcome.allowed ? outcome.attempt! : { over: [], isTidy: false }, true, NOW);
    expect(await limits().spend(limit, NOW)).toMatchObject({ attempt: { isTidy: true } });
  });
});
