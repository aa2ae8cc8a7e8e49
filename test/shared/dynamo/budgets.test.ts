/**
 * However many guesses come at the same time, no more are allowed than there are.
 *
 * Why: the lock is part of the write that claims; one that was checked before it would let parallel guesses past.
 */
import { describe, expect, it } from 'vitest';
import { randomUUID } from 'node:crypto';
import { dynamoBudgets } from '../../../shared/dynamo/budgets.ts';
import type { Budget } from '../../../shared/ports.ts';
import { MINUTE, NOW, parallel, useStoreTable } from '../../support/stores.ts';

const { table, keys } = useStoreTable();
const budgets = () => dynamoBudgets(table(), keys);
const aBudget = (): Budget => ({ scope: 'otp-user', tenantId: 'public', subject: randomUUID() });
const allowedOf = (outcomes: readonly { readonly allowed: boolean }[]) =>
  outcomes.filter(({ allowed }) => allowed).length;

describe('a claim', () => {
  it('is granted ten times of forty at the same time, and tells the rest how long to wait', async () => {
    const budget = aBudget();
    const outcomes = await parallel(40, () => budgets().claim(budget, NOW));
    expect(allowedOf(outcomes)).toBe(10);
    const lefts = outcomes.flatMap((outcome) => (outcome.allowed ? [outcome.left] : []));
    expect(lefts.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await budgets().claim(budget, NOW)).toEqual({ allowed: false, reason: 'locked', retryAfterMs: 15 * MINUTE });
  });

  it('opens again after the penalty for ten more, whoever comes first, and for twice the penalty after', async () => {
    const budget = aBudget();
    await parallel(10, () => budgets().claim(budget, NOW));
    expect(allowedOf([await budgets().claim(budget, NOW + 15 * MINUTE - 1)])).toBe(0);
    const later = NOW + 15 * MINUTE;
    expect(allowedOf(await parallel(30, () => budgets().claim(budget, later)))).toBeLessThanOrEqual(10);
    // Some of thirty meet the lock in the moment it opens and are turned away: what is left is left, and no more.
    let more = 0;
    while ((await budgets().claim(budget, later)).allowed) more += 1;
    expect(more).toBeLessThan(10);
    expect(await budgets().claim(budget, later)).toMatchObject({ reason: 'locked', retryAfterMs: 30 * MINUTE });
  });

  it('is refused for good after a hundred in a row', async () => {
    const budget = aBudget();
    let now = NOW;
    for (let lock = 0; lock < 10; lock += 1) {
      for (let i = 0; i < 10; i += 1) expect(await budgets().claim(budget, now)).toMatchObject({ allowed: true });
      now += 24 * 60 * MINUTE;
    }
    expect(await budgets().claim(budget, now)).toEqual({ allowed: false, reason: 'disabled' });
  });

  it('costs nobody else anything', async () => {
    const budget = aBudget();
    await parallel(10, () => budgets().claim(budget, NOW));
    for (const other of [{ ...budget, tenantId: 'acme' }, { ...budget, scope: 'otp-to' as const }, aBudget()])
      expect(await budgets().claim(other, NOW)).toMatchObject({ allowed: true, left: 9 });
  });
});

describe('giving back', () => {
  it('undoes one claim each, and never makes more than there were', async () => {
    const budget = aBudget();
    await parallel(4, () => budgets().claim(budget, NOW));
    await parallel(20, () => budgets().giveBack(budget));
    expect(await budgets().claim(budget, NOW)).toMatchObject({ allowed: true, left: 9 });
  });

  it('makes nothing of a budget that nobody claimed', async () => {
    const budget = aBudget();
    await budgets().giveBack(budget);
    expect(allowedOf(await parallel(12, () => budgets().claim(budget, NOW)))).toBe(10);
  });
});

describe('retiring devices', () => {
  it('moves on and never back, in any order', async () => {
    const budget = aBudget();
    expect(await budgets().deadBefore(budget)).toBe(0);
    await parallel(8, (i) => budgets().retire(budget, NOW + ((i * 5) % 8)));
    expect(await budgets().deadBefore(budget)).toBe(NOW + 7);
    await budgets().retire(budget, NOW);
    expect(await budgets().claim(budget, NOW)).toMatchObject({ allowed: true, deadBefore: NOW + 7 });
  });
});
