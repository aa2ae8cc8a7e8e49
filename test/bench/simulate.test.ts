/** A policy tried on many users: all of them, in memory that does not grow with them. */
import { expect, it } from 'vitest';
import { measureGrowth, measureSimulation } from '../../bench/simulate-run.ts';

const USERS = 2_000;

it('meets everybody and keeps nobody', { timeout: 120_000 }, async () => {
  const { summary, grownMb } = await measureGrowth(USERS);
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
});

it('does so by the command, as an operator starts it, in memory that is bound', { timeout: 120_000 }, async () => {
  const { users, challengedAfter, rssMb } = await measureSimulation(USERS);
  expect({ users, challengedAfter }).toEqual({ users: USERS, challengedAfter: USERS });
  expect(rssMb).toBeLessThan(300);
});
