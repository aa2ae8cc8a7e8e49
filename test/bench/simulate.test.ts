/** A policy tried on many users: all of them, in memory that does not grow with them. */
import { expect, it } from 'vitest';
import { measureSimulation } from '../../bench/simulate-run.ts';

const USERS = 2_000;

it('meets everybody and keeps nobody', { timeout: 120_000 }, async () => {
  const { summary, grownMb, rssMb } = await measureSimulation(USERS);
  expect(summary).toMatchObject({
    users: USERS,
    disabled: 0,
    unreadable: 0,
    challengedNow: 0,
    challengedAfter: USERS,
    mustEnrol: USERS / 10,
    lockedOut: 0,
  });
  // Kept, they would be several kilobytes each.
  expect(grownMb).toBeLessThan(2);
  expect(rssMb).toBeLessThan(300);
});
