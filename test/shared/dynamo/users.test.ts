/**
 * A contact is one account's; changes at the same time lose nothing and undo nothing.
 *
 * Why: uniqueness and lists that are checked before they are written fail exactly when two people are quick.
 */
import { describe, expect, it } from 'vitest';
import { dynamoFactors } from '../../../shared/dynamo/own-factors.ts';
import { dynamoSessions } from '../../../shared/dynamo/sessions.ts';
import { dynamoUsers } from '../../../shared/dynamo/users.ts';
import { aMethod, aSession, aUser, NOW, parallel, useStoreTable } from '../../support/stores.ts';

const { table, keys } = useStoreTable();
const users = () => dynamoUsers(table(), keys);

async function created() {
  const method = aMethod({ passwordHash: 'hash' });
  const user = aUser(method);
  expect(await users().create(user, method)).toBe(true);
  return { user, method };
}

describe('create', () => {
  it('gives an address to one of ten who want it at the same time, and leaves nothing of the others', async () => {
    const email = 'wanted@example.com';
    const all = Array.from({ length: 10 }, () => aMethod({ email })).map((method) => ({ method, user: aUser(method) }));
    const done = await parallel(10, (i) => users().create(all[i]!.user, all[i]!.method));
    expect(done.filter(Boolean)).toHaveLength(1);
    const winner = all[done.indexOf(true)]!.user;
    expect(await users().byContact('emailpassword:email', 'public', email)).toEqual({ userId: winner.userId });
    for (const { user } of all) expect(await users().load(user.userId)).toEqual(user === winner ? user : undefined);
  });

  it('keeps tenants and kinds of contact apart', async () => {
    const { method } = await created();
    expect(await users().byContact('emailpassword:email', 'acme', method.email!)).toBeUndefined();
    expect(await users().byContact('passwordless:email', 'public', method.email!)).toBeUndefined();
    const elsewhere = aMethod({ email: method.email!, tenantIds: ['acme'] });
    expect(await users().create(aUser(elsewhere), elsewhere)).toBe(true);
  });
});

describe('required factors', () => {
  it('lose none of two that are added at the same time', async () => {
    const { user } = await created();
    const factors = ['otp-email', 'otp-phone', 'totp'] as const;
    await parallel(3, (i) => users().setRequiredFactor(user.userId, factors[i]!, true));
    expect((await users().load(user.userId))?.requiredFactors.toSorted()).toEqual([...factors].toSorted());
    expect(await users().setRequiredFactor(user.userId, 'totp', false)).toBe(true);
    expect((await users().load(user.userId))?.requiredFactors).not.toContain('totp');
  });

  it('are not written for a user that does not exist', async () => {
    expect(await users().setRequiredFactor('nobody', 'otp-email', true)).toBe(false);
    expect(await users().load('nobody')).toBeUndefined();
  });

  it('change once where five change them at the same time and end the other sessions', async () => {
    const { user } = await created();
    const session = aSession(user);
    const sessions = dynamoSessions(table());
    await sessions.create(session);
    const change = { user, handle: session.handle, factor: 'otp-email', required: true, endOthers: true, now: NOW };
    const done = await parallel(5, () => dynamoFactors(table()).change(change));
    expect(done.filter(Boolean)).toHaveLength(1);
    expect(await users().load(user.userId)).toMatchObject({ epoch: 1, requiredFactors: ['otp-email'] });
    expect(await sessions.get(user.userId, session.handle)).toMatchObject({ epoch: 1 });
  });

  it('do not change by a session that is over', async () => {
    const { user } = await created();
    const session = aSession(user);
    const sessions = dynamoSessions(table());
    await sessions.create(session);
    await sessions.revoke(user.userId, session.handle, NOW, 'test');
    const change = { user, handle: session.handle, factor: 'otp-email', required: true, endOthers: false, now: NOW };
    expect(await dynamoFactors(table()).change(change)).toBe(false);
    expect((await users().load(user.userId))?.requiredFactors).toEqual([]);
  });
});

describe('replacePasswordHash', () => {
  it('does not put back a password that was changed meanwhile', async () => {
    const { user, method } = await created();
    await users().replacePasswordHash(user.userId, method, 'stronger');
    await users().replacePasswordHash(user.userId, method, 'too late');
    expect((await users().load(user.userId))?.loginMethods[0]?.passwordHash).toBe('stronger');
  });
});
