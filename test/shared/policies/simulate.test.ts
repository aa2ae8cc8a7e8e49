/** A policy tried on everybody: complete, broken off and gone on with, paced, and while people come and go. */
import { describe, expect, it } from 'vitest';
import { simulateAll, type SimulateAllDeps, type Summary } from '../../../shared/policies/simulate.ts';
import { manyUsers } from '../../../bench/many-users.ts';
import { furnish, spoil } from '../../support/furnished.ts';
import { sleepingClock } from '../../support/sleeping-clock.ts';
import { useStepgate } from '../../support/stepgate.ts';

const stepgate = useStepgate();
const USERS = 700;
const ADMINS = { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] }] };

let tenants = 0;

async function crowd(count = USERS): Promise<string> {
  const tenantId = `crowd-${(tenants += 1)}`;
  await stepgate.tenant(tenantId, {});
  await manyUsers(stepgate.app(), { tenantId, count });
  return tenantId;
}

/** The service's own parts, and how often they were asked. */
function counted(over: Partial<SimulateAllDeps> = {}) {
  const app = stepgate.app();
  let reads = 0;
  const deps: SimulateAllDeps = {
    ...app,
    users: { load: (id) => ((reads += 1), app.users.load(id)) },
    claims: {
      holder: (...args) => ((reads += 1), app.claims.holder(...args)),
      guesses: (...args) => ((reads += 1), app.claims.guesses(...args)),
    },
    userAdmin: { members: (...args) => ((reads += 1), app.userAdmin.members(...args)) },
    ...over,
  };
  return { deps, reads: () => reads };
}

describe('simulateAll', { timeout: 90_000 }, () => {
  it('meets every member once, and adds up to what was told of each', async () => {
    const tenantId = await crowd();
    const met = new Set<string>();
    let asked = 0;
    const summary = await simulateAll(
      {
        tenantId,
        mfaPolicy: ADMINS,
        rate: 0,
        onUser: ({ userId, after }) => {
          met.add(userId);
          asked += Number(after.challenged);
        },
      },
      counted().deps,
    );
    expect(met.size).toBe(USERS);
    expect(summary).toMatchObject({ users: USERS, challengedAfter: asked, lockedOut: 0 });
    expect(asked).toBe(USERS / 10);
  });

  it('broken off in the middle and gone on with, comes to the same', async () => {
    const tenantId = await crowd();
    const whole = await simulateAll({ tenantId, mfaPolicy: ADMINS, rate: 0 }, stepgate.app());
    let left: { cursor?: string; summary: Summary } | undefined;
    const ids: string[] = [];
    const note = { onUser: ({ userId }: { userId: string }) => void ids.push(userId) };
    const broken = simulateAll(
      {
        tenantId,
        mfaPolicy: ADMINS,
        rate: 0,
        ...note,
        onProgress: (progress) => {
          left = progress;
          throw new Error('switched off');
        },
      },
      stepgate.app(),
    );
    await expect(broken).rejects.toThrow('switched off');
    expect(left!.summary.users).toBeGreaterThan(0);
    expect(left!.summary.users).toBeLessThan(USERS);
    const { cursor, summary } = left!;
    const rest = { tenantId, mfaPolicy: ADMINS, rate: 0, cursor: cursor!, summary, ...note };
    expect(await simulateAll(rest, stepgate.app())).toEqual(whole);
    expect(ids).toHaveLength(USERS);
    expect(new Set(ids).size).toBe(USERS);
  });

  it('tells how far it is, and no cursor at the end', async () => {
    const tenantId = await crowd();
    const seen: { users: number; isLast: boolean }[] = [];
    await simulateAll(
      {
        tenantId,
        rate: 0,
        onProgress: ({ summary, cursor }) => seen.push({ users: summary.users, isLast: cursor === undefined }),
      },
      stepgate.app(),
    );
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.map(({ isLast }) => isLast)).toEqual([...seen.slice(1).map(() => false), true]);
    expect(seen.at(-1)!.users).toBe(USERS);
  });

  it('reads no more in a second than it may: lookups count as well', async () => {
    const tenantId = await crowd(100);
    const time = sleepingClock();
    const { deps, reads } = counted(time);
    const policy = { rules: [{ id: 'all', require: ['otp-email'] }] };
    await simulateAll({ tenantId, mfaPolicy: policy, rate: 40 }, deps);
    expect(reads()).toBeGreaterThan(250);
    expect(time.elapsed()).toBeGreaterThanOrEqual(((reads() - 1) / 40) * 1000);
    expect(time.elapsed()).toBeLessThan((reads() / 40) * 1000 + 100);
  });

  it('reads 50 times in a second unless told otherwise', async () => {
    const tenantId = await crowd(60);
    const time = sleepingClock();
    const { deps, reads } = counted(time);
    await simulateAll({ tenantId }, deps);
    expect(time.elapsed()).toBeCloseTo(((reads() - 1) / 50) * 1000, 0);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a rate of %d', async (rate) => {
    await expect(simulateAll({ tenantId: 'public', rate }, stepgate.app())).rejects.toThrow(/rate/);
  });

  it('goes on while people join and leave: nobody twice, and none of those who stayed missed', async () => {
    const tenantId = await crowd(600);
    const { userAdmin, users } = stepgate.app();
    const members = await userAdmin.members(tenantId, 600, undefined);
    const leaving = new Set(members.userIds.slice(-20));
    const ids: string[] = [];
    let pages = 0;
    await simulateAll(
      {
        tenantId,
        rate: 0,
        onUser: ({ userId }) => void ids.push(userId),
        onProgress: async () => {
          if ((pages += 1) !== 1) return;
          for (const id of leaving) await userAdmin.remove((await users.load(id))!);
          await manyUsers(stepgate.app(), { tenantId, count: 30, prefix: 'late' });
        },
      },
      stepgate.app(),
    );
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of members.userIds) if (!leaving.has(id)) expect(ids).toContain(id);
    expect(ids.filter((id) => leaving.has(id))).toEqual([]);
  });

  it('counts what cannot be read, names it, and goes on', async () => {
    const tenantId = await crowd(20);
    const { userId } = await furnish(stepgate, { tenantId, email: 'x@example.com', password: 'verified' });
    await spoil(stepgate, userId);
    const named: string[] = [];
    const summary = await simulateAll({ tenantId, rate: 0, onUnreadable: (id) => named.push(id) }, stepgate.app());
    expect(summary).toMatchObject({ users: 20, unreadable: 1 });
    expect(named).toEqual([userId]);
  });

  it('tries a page again that fails, tells nobody twice, and gives up the third time', async () => {
    const tenantId = await crowd(40);
    const app = stepgate.app();
    const time = sleepingClock();
    const [unlucky] = (await app.userAdmin.members(tenantId, 40, undefined)).userIds;
    const failing = (times: number) => {
      let failed = 0;
      return counted({
        ...time,
        users: {
          ...app.users,
          load: async (id) => {
            if (failed < times && id === unlucky) {
              failed += 1;
              throw new Error('throttled');
            }
            return app.users.load(id);
          },
        },
      }).deps;
    };
    const ids: string[] = [];
    const summary = await simulateAll({ tenantId, rate: 0, onUser: ({ userId }) => ids.push(userId) }, failing(1));
    expect(summary.users).toBe(40);
    expect(ids).toHaveLength(40);
    await expect(simulateAll({ tenantId, rate: 0 }, failing(1_000))).rejects.toThrow('throttled');
  });

  it('of a tenant without members is nobody', async () => {
    await stepgate.tenant('empty', {});
    expect(await simulateAll({ tenantId: 'empty', rate: 0 }, stepgate.app())).toMatchObject({ users: 0 });
  });
});
