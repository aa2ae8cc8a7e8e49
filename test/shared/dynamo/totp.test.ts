/**
 * A time step and a backup code are used once, together with what they are used for.
 *
 * Why: a step used without the session gaining its factor locks a person out for a minute and a half, and a code on paper
 * for good; a session that gains one without using it up is a second sign-in for whoever looked over a shoulder.
 */
import { describe, expect, it } from 'vitest';
import type { TotpDevice } from '../../../shared/totp/device.ts';
import { dynamoBackupCodes } from '../../../shared/dynamo/backup-codes.ts';
import { dynamoCompletions } from '../../../shared/dynamo/completion.ts';
import { dynamoSessions } from '../../../shared/dynamo/sessions.ts';
import { dynamoTotp } from '../../../shared/dynamo/totp.ts';
import { dynamoUsers } from '../../../shared/dynamo/users.ts';
import type { Completion, Proof } from '../../../shared/ports.ts';
import { aCompletion, aDevice, aMethod, aSession, aUser, NOW, parallel, useStoreTable } from '../../support/stores.ts';

const { table, keys } = useStoreTable();
const stores = () => ({
  users: dynamoUsers(table(), keys),
  sessions: dynamoSessions(table()),
  totp: dynamoTotp(table()),
  backupCodes: dynamoBackupCodes(table()),
  completions: dynamoCompletions(table(), keys),
});

const app = (about: Partial<TotpDevice> = {}): TotpDevice => ({
  name: 'phone',
  sealedSeed: 'sealed-1',
  kid: 'r1',
  period: 30,
  verified: false,
  lastStep: -1,
  createdAt: NOW,
  ...about,
});

/** A user with a session, an app and two backup codes, all stored. */
async function furnished(device = app()) {
  const method = aMethod();
  const { users, sessions, totp, backupCodes } = stores();
  const begun = aUser(method);
  const session = aSession(begun);
  await users.create(begun, method);
  await sessions.create(session);
  const change = { handle: session.handle, endOthers: false, now: NOW };
  await totp.put({ ...change, user: begun, device });
  const codes = { macs: ['mac-1', 'mac-2'], kid: 'r1', createdAt: NOW };
  await backupCodes.replace({ ...change, user: { ...begun, version: 1 }, codes });
  return { user: (await users.load(begun.userId))!, session, change };
}
type Furnished = Awaited<ReturnType<typeof furnished>>;

function complete(
  { user, session }: Furnished,
  proof: Exclude<Proof, { device: unknown }>,
): ReturnType<ReturnType<typeof dynamoCompletions>['complete']> {
  const { device: _, ...rest } = aCompletion({ user, session, device: aDevice() }) as Completion & { device: unknown };
  const factor = 'totp' in proof ? 'totp' : 'backup-code';
  return stores().completions.complete({ ...rest, ...proof, session: { ...rest.session, factor } });
}
const after = async ({ user, session }: Furnished) => ({
  user: await stores().users.load(user.userId),
  session: await stores().sessions.get(user.userId, session.handle),
});

describe('a time step', () => {
  it('is used by one of ten at the same time, verifies the device, and completes the session', async () => {
    const parts = await furnished();
    const outcomes = await parallel(10, () => complete(parts, { totp: { device: app(), step: 7 } }));
    expect(outcomes.filter(({ status }) => status === 'OK')).toHaveLength(1);
    expect(outcomes.filter(({ status }) => status === 'CODE_GONE')).toHaveLength(9);
    const { user, session } = await after(parts);
    expect(user?.totpDevices).toEqual([app({ verified: true, lastStep: 7 })]);
    expect(session).toMatchObject({ generation: 1, boundary: true, completed: { totp: NOW / 1000 + 60 } });
  });

  it.each([
    ['one that was used', app(), 5],
    ['one before it', app(), 4],
    ['one of a seed that was replaced', app({ sealedSeed: 'sealed-0' }), 9],
    ['one of a device that is gone', app({ name: 'other' }), 9],
  ])('completes nothing when it is %s', async (_, device, step) => {
    const parts = await furnished(app({ lastStep: 5 }));
    expect(await complete(parts, { totp: { device, step } })).toEqual({ status: 'CODE_GONE' });
    expect(await after(parts)).toEqual({ user: parts.user, session: parts.session });
  });

  it('stays unused when the session is over', async () => {
    const parts = await furnished();
    await stores().sessions.revoke(parts.user.userId, parts.session.handle, NOW, 'test');
    expect(await complete(parts, { totp: { device: app(), step: 7 } })).toEqual({ status: 'SESSION_GONE' });
    expect((await after(parts)).user).toEqual(parts.user);
  });
});

describe('a backup code', () => {
  it('is used by one of ten at the same time, and the others stay', async () => {
    const parts = await furnished();
    const outcomes = await parallel(10, () => complete(parts, { backupCode: 'mac-1' }));
    expect(outcomes.filter(({ status }) => status === 'OK')).toHaveLength(1);
    expect(outcomes.filter(({ status }) => status === 'CODE_GONE')).toHaveLength(9);
    const { user, session } = await after(parts);
    expect(user?.backupCodes).toEqual({ macs: ['mac-2'], kid: 'r1', createdAt: NOW });
    expect(session?.completed).toMatchObject({ 'backup-code': NOW / 1000 + 60 });
  });

  it('is the last one, and then there are none', async () => {
    const parts = await furnished();
    await complete(parts, { backupCode: 'mac-1' });
    const second = aSession(parts.user);
    await stores().sessions.create(second);
    expect(await complete({ ...parts, session: second }, { backupCode: 'mac-2' })).toEqual({ status: 'OK' });
    expect((await after(parts)).user?.backupCodes).toEqual({ macs: [], kid: 'r1', createdAt: NOW });
    expect(await complete(parts, { backupCode: 'mac-2' })).toEqual({ status: 'CODE_GONE' });
  });

  it('is not part of another', async () => {
    const parts = await furnished();
    expect(await complete(parts, { backupCode: 'mac' })).toEqual({ status: 'CODE_GONE' });
    expect(await after(parts)).toEqual({ user: parts.user, session: parts.session });
  });
});

describe('a change of apps', () => {
  it('is done by one of ten that saw the same account', async () => {
    const parts = await furnished();
    const { totp } = stores();
    const puts = await parallel(10, (i) =>
      totp.put({ ...parts.change, user: parts.user, device: app({ name: `app ${i}` }) }),
    );
    expect(puts.filter(Boolean)).toHaveLength(1);
    expect((await after(parts)).user?.totpDevices).toHaveLength(2);
  });

  it('replaces no verified device, and removes none that was replaced', async () => {
    const parts = await furnished(app({ verified: true }));
    const { totp } = stores();
    const { change, user } = parts;
    expect(await totp.put({ ...change, user, device: app({ sealedSeed: 'sealed-2' }) })).toBe(false);
    expect(await totp.remove({ ...change, user, device: app({ sealedSeed: 'sealed-2', verified: true }) })).toBe(false);
    expect((await after(parts)).user).toEqual(user);
  });

  it('ends the other sessions where it is told to, and keeps its own', async () => {
    const parts = await furnished(app({ verified: true }));
    const { user, session, change } = parts;
    expect(await stores().totp.remove({ ...change, user, endOthers: true, device: app({ verified: true }) })).toBe(
      true,
    );
    const now = await after(parts);
    expect(now.user).toMatchObject({ epoch: 1, version: user.version + 1 });
    expect(now.user).not.toHaveProperty('totpDevices');
    expect(now.session).toEqual({ ...session, epoch: 1 });
  });

  it('is not done by a session that was revoked', async () => {
    const parts = await furnished();
    await stores().sessions.revoke(parts.user.userId, parts.session.handle, NOW, 'test');
    const { change, user } = parts;
    expect(await stores().totp.put({ ...change, user, device: app({ name: 'new' }) })).toBe(false);
    expect(
      await stores().backupCodes.replace({ ...change, user, codes: { macs: ['x'], kid: 'r1', createdAt: 1 } }),
    ).toBe(false);
    expect((await after(parts)).user).toEqual(user);
  });
});
