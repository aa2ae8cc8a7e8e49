/**
 * Whatever is typed in at the same time, in whatever order it arrives: a time step and a backup code complete one session
 * each, and no step after a later one.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dynamoBackupCodes } from '../../shared/dynamo/backup-codes.ts';
import { dynamoCompletions } from '../../shared/dynamo/completion.ts';
import { dynamoSessions } from '../../shared/dynamo/sessions.ts';
import { dynamoTotp } from '../../shared/dynamo/totp.ts';
import { dynamoUsers } from '../../shared/dynamo/users.ts';
import type { Completion, Proof } from '../../shared/ports.ts';
import { aCompletion, aDevice, aMethod, aSession, aUser, NOW, useStoreTable } from '../support/stores.ts';

const { table, keys } = useStoreTable();
const device = {
  name: 'phone',
  sealedSeed: 'sealed',
  kid: 'r1',
  period: 30,
  verified: true,
  lastStep: -1,
  createdAt: NOW,
};

/** Somebody with an app and codes `a` to `d`, and what completes a new session of theirs each time. */
async function somebody() {
  const method = aMethod();
  const user = aUser(method);
  const sessions = dynamoSessions(table());
  const users = dynamoUsers(table(), keys);
  await users.create(user, method);
  const first = aSession(user);
  await sessions.create(first);
  const change = { handle: first.handle, endOthers: false, now: NOW };
  await dynamoTotp(table()).put({ ...change, user, device });
  const codes = { macs: ['a', 'b', 'c', 'd'], kid: 'r1', createdAt: NOW };
  await dynamoBackupCodes(table()).replace({ ...change, user: { ...user, version: 1 }, codes });
  const complete = async (proof: Exclude<Proof, { device: unknown }>) => {
    const session = aSession(user);
    await sessions.create(session);
    const { device: _, ...rest } = aCompletion({ user, session, device: aDevice() }) as Completion & {
      device: unknown;
    };
    const factor = 'totp' in proof ? 'totp' : 'backup-code';
    const { status } = await dynamoCompletions(table(), keys).complete({
      ...rest,
      ...proof,
      session: { ...rest.session, factor },
    });
    const stored = await sessions.get(user.userId, session.handle);
    expect([status, Object.hasOwn(stored!.completed, factor)]).toEqual([status, status === 'OK']);
    return status === 'OK';
  };
  return { complete, load: () => users.load(user.userId) };
}

describe('under races', () => {
  it('steps are accepted once each and in order, wave by wave', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 }), {
          minLength: 1,
          maxLength: 3,
        }),
        async (waves) => {
          const { complete, load } = await somebody();
          let last = -1;
          for (const wave of waves) {
            const done = await Promise.all(wave.map((step) => complete({ totp: { device, step } })));
            const accepted = wave.filter((_, i) => done[i]);
            expect(new Set(accepted).size).toBe(accepted.length);
            for (const step of accepted) expect(step).toBeGreaterThan(last);
            const highest = Math.max(...wave);
            if (highest > last) expect(accepted).toContain(highest);
            last = Math.max(last, highest);
            expect((await load())?.totpDevices?.[0]?.lastStep).toBe(last);
          }
        },
      ),
      { numRuns: 15 },
    );
  }, 60_000);

  it('backup codes are used once each, and what is left is what was not used', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'x'), { minLength: 1, maxLength: 5 }), {
          minLength: 1,
          maxLength: 3,
        }),
        async (waves) => {
          const { complete, load } = await somebody();
          const used: string[] = [];
          for (const wave of waves) {
            const done = await Promise.all(wave.map((mac) => complete({ backupCode: mac })));
            used.push(...wave.filter((_, i) => done[i]));
          }
          const typed = new Set<string>(waves.flat().filter((mac) => mac !== 'x'));
          expect(used.toSorted()).toEqual([...typed].toSorted());
          const left = ['a', 'b', 'c', 'd'].filter((mac) => !typed.has(mac));
          expect((await load())?.backupCodes?.macs.toSorted()).toEqual(left);
        },
      ),
      { numRuns: 15 },
    );
  }, 60_000);
});
