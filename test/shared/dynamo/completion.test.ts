/**
 * A right code changes everything that it changes or nothing, once.
 *
 * Why: a code that is used up without the session gaining its factor locks a person out; a factor gained without the
 * code being used up is a second sign-in for whoever saw it.
 */
import { describe, expect, it } from 'vitest';
import { dynamoBudgets } from '../../../shared/dynamo/budgets.ts';
import { dynamoCodes } from '../../../shared/dynamo/codes.ts';
import { dynamoCompletions } from '../../../shared/dynamo/completion.ts';
import { dynamoSessions } from '../../../shared/dynamo/sessions.ts';
import { dynamoUsers } from '../../../shared/dynamo/users.ts';
import { userBudget } from '../../../shared/limits.ts';
import {
  aCompletion,
  aDevice,
  aMethod,
  aSession,
  aUser,
  MINUTE,
  NOW,
  parallel,
  useStoreTable,
} from '../../support/stores.ts';

const { table, keys } = useStoreTable();
const stores = () => ({
  users: dynamoUsers(table(), keys),
  sessions: dynamoSessions(table()),
  codes: dynamoCodes(table()),
  budgets: dynamoBudgets(table(), keys),
  completions: dynamoCompletions(table(), keys),
});

/** A user with a session that waits for the code of a device, all stored. */
async function waiting(contact?: string) {
  const method = aMethod(contact === undefined ? {} : { email: contact });
  const user = aUser(method);
  const session = aSession(user);
  const device = aDevice({ userId: user.userId, sessionHandle: session.handle, contact: method.email! });
  const link = aMethod({ recipeId: 'passwordless', email: method.email!, verified: true });
  const { users, sessions, codes } = stores();
  await users.create(user, method);
  await Promise.all([sessions.create(session), codes.put(device)]);
  return { user, method, session, device, link };
}
type Waiting = Awaited<ReturnType<typeof waiting>>;

const now = async ({ user, session, device }: Waiting) => ({
  user: await stores().users.load(user.userId),
  session: await stores().sessions.get(user.userId, session.handle),
  device: await stores().codes.get(device.tenantId, device.preAuthSessionId),
});
const untouched = ({ user, session, device }: Waiting) => ({ user, session, device });

describe('complete', () => {
  it('is done by one of ten at the same time: code, session, method, opt-in and budget together', async () => {
    const parts = await waiting();
    const budget = userBudget('public', parts.user.userId);
    await stores().budgets.claim(budget, NOW);
    const about = { link: parts.link, verifies: parts.method, optIn: true, budgets: [budget] };
    const outcomes = await parallel(10, () => stores().completions.complete(aCompletion(parts, about)));

    expect(outcomes.filter(({ status }) => status === 'OK')).toHaveLength(1);
    expect(outcomes.every(({ status }) => ['OK', 'CODE_GONE'].includes(status))).toBe(true);
    const after = await now(parts);
    expect(after.device).toBeUndefined();
    expect(after.session).toMatchObject({
      refreshTokenHash: 'hash-1',
      parentTokenHash: 'hash-0',
      generation: 1,
      boundary: true,
      completed: { 'otp-email': NOW / 1000 + 60 },
    });
    expect(after.user).toMatchObject({ isPrimary: true, version: 1, requiredFactors: ['otp-email'] });
    expect(after.user?.loginMethods.map(({ recipeId, verified }) => [recipeId, verified]).toSorted()).toEqual([
      ['emailpassword', true],
      ['passwordless', true],
    ]);
    expect(await stores().budgets.claim(budget, NOW + MINUTE)).toMatchObject({ left: 9, deadBefore: NOW + MINUTE });
  });

  it('says OK again to the very same request, whose first reply was lost', async () => {
    const parts = await waiting();
    const completion = aCompletion(parts);
    expect(await stores().completions.complete(completion)).toEqual({ status: 'OK' });
    expect(await stores().completions.complete(completion)).toEqual({ status: 'OK' });
    expect((await now(parts)).session).toMatchObject({ generation: 1 });
  });

  it('takes no code that ran out or that a resend replaced, and changes nothing', async () => {
    const parts = await waiting();
    const { completions } = stores();
    const late = aCompletion(parts, { now: parts.device.expiresAt, link: parts.link });
    expect(await completions.complete(late)).toEqual({ status: 'CODE_GONE' });
    const replaced = { ...parts.device, codeMac: 'as it was before' };
    expect(await completions.complete(aCompletion({ ...parts, device: replaced }))).toEqual({ status: 'CODE_GONE' });
    expect(await now(parts)).toEqual(untouched(parts));
  });

  it('uses no code for a session that is over, and tells one that moved from one that is over', async () => {
    const parts = await waiting();
    const { completions, sessions } = stores();
    const stale = { ...parts.session, refreshTokenHash: 'an earlier one' };
    expect(await completions.complete(aCompletion({ ...parts, session: stale }))).toMatchObject({
      status: 'SESSION_MOVED',
      session: { refreshTokenHash: 'hash-0' },
    });
    expect(await now(parts)).toEqual(untouched(parts));
    await sessions.revoke(parts.user.userId, parts.session.handle, NOW, 'test');
    expect(await completions.complete(aCompletion(parts))).toEqual({ status: 'SESSION_GONE' });
    expect((await now(parts)).device).toEqual(parts.device);
  });

  it('links nothing to a user who changed meanwhile', async () => {
    const parts = await waiting();
    const earlier = { ...parts, user: { ...parts.user, version: 7 } };
    expect(await stores().completions.complete(aCompletion(earlier, { link: parts.link }))).toEqual({
      status: 'USER_CHANGED',
    });
    expect(await now(parts)).toEqual(untouched(parts));
  });

  it('gives an address to one of two users who prove it at the same time, and the other keeps everything', async () => {
    const [one, two] = [await waiting(), await waiting()];
    const contact = 'both@example.com';
    const { codes, completions } = stores();
    const claims = await Promise.all(
      [one, two].map(async (parts) => {
        const device = aDevice({ userId: parts.user.userId, sessionHandle: parts.session.handle, contact });
        await codes.put(device);
        return { parts, device, link: aMethod({ recipeId: 'passwordless', email: contact, verified: true }) };
      }),
    );
    const outcomes = await parallel(2, (i) => {
      const { parts, device, link } = claims[i]!;
      return completions.complete(aCompletion({ ...parts, device }, { link }));
    });
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['CONFLICT', 'OK']);
    const loser = claims[outcomes.findIndex(({ status }) => status === 'CONFLICT')]!;
    expect(outcomes.find(({ status }) => status === 'CONFLICT')).toMatchObject({ code: 'ERR_CODE_017' });
    expect(await now({ ...loser.parts, device: loser.device })).toEqual(
      untouched({ ...loser.parts, device: loser.device }),
    );
  });
});
