// A transaction can be turned down because two met at one item, or because what it rests on is no longer so. The first
// passes and is tried again; the second is an answer. Never half of it is there. @see security.md §4.2, F3 to F5

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { useFaults } from '../support/fault-proxy.ts';
import { EVERYBODY, halfway, storedSession } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const faults = await useFaults();
const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('public', EVERYBODY));
afterEach(() => faults.calm());

let made = 0;
const begun = () => halfway(stepgate, `cancelled-${(made += 1)}@example.com`);
const cancelled = (...reasons: readonly string[]) => ({
  kind: 'error' as const,
  type: 'TransactionCanceledException',
  reasons,
});
const consume = { operation: 'TransactWriteItems', of: /"OTP#/ };

/** As it was before the code: nothing of the completion is there. */
async function expectUntouched({ userId, page }: Awaited<ReturnType<typeof begun>>): Promise<void> {
  const session = await storedSession(stepgate, page);
  expect(session).toMatchObject({ generation: 0, boundary: false });
  expect(Object.keys(session.completed)).toEqual(['emailpassword']);
  expect(await stepgate.app().users.load(userId)).toMatchObject({ version: 0, isPrimary: false });
  expect((await page.me()).status).toBe(403);
}

describe('F3: a transaction that met another', () => {
  it.each([
    ['TransactionConflict', 1],
    ['TransactionConflict', 3],
    ['ThrottlingError', 3],
    ['ProvisionedThroughputExceeded', 2],
  ])('is tried again after %s (%i times), and has one effect', async (reason, times) => {
    const { page, device, code } = await begun();
    faults.inject({ ...consume, times, fault: cancelled('None', reason, 'None') });
    expect((await page.consume(device, code)).body.status).toBe('OK');
    expect(faults.seen('TransactWriteItems')).toBe(times + 1);
    expect((await storedSession(stepgate, page)).generation).toBe(1);
    expect((await page.me()).status).toBe(200);
  });

  it('is given up after four tries; nothing is changed, and the code stays good', async () => {
    const it4 = await begun();
    const { page, device, code } = it4;
    faults.inject({ ...consume, times: 100, fault: cancelled('TransactionConflict') });
    expect(await page.consume(device, code)).toMatchObject({
      status: 200,
      body: { status: 'GENERAL_ERROR', message: "We couldn't do this right now. Please try again in a minute." },
      setCookies: [],
    });
    expect(faults.seen('TransactWriteItems')).toBe(4);
    await expectUntouched(it4);
    faults.calm();
    expect((await page.consume(device, code)).body.status).toBe('OK');
  });
});

describe('F4: a transaction whose condition does not hold', () => {
  it('answers RESTART_FLOW_ERROR where it is the code’s, and is not tried again', async () => {
    const it4 = await begun();
    faults.inject({ ...consume, fault: cancelled('ConditionalCheckFailed', 'ConditionalCheckFailed', 'None') });
    expect((await it4.page.consume(it4.device, it4.code)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    expect(faults.seen('TransactWriteItems')).toBe(1);
    await expectUntouched(it4);
  });

  it('goes on from where the session is when another tab has refreshed it meanwhile', async () => {
    const { page, device, code } = await begun();
    const tab = stepgate.browser();
    tab.present(page.tokens());
    faults.inject({ ...consume, fault: { kind: 'meanwhile', run: () => tab.refresh() } });
    expect((await page.consume(device, code)).body.status).toBe('OK');
    expect((await storedSession(stepgate, page)).generation).toBe(2);
    expect((await page.refresh()).status).toBe(200);
  });

  it('ends the client’s session where it was revoked meanwhile, and leaves the user as it was', async () => {
    const { userId, page, device, code } = await begun();
    const { sessions } = stepgate.app();
    const { sessionHandle } = page.claims();
    const run = () => sessions.revoke(userId, sessionHandle, stepgate.clock.now(), 'signed-out');
    faults.inject({ ...consume, fault: { kind: 'meanwhile', run } });
    const answer = await page.consume(device, code);
    expect(answer).toMatchObject({ status: 401, body: { message: 'unauthorised' } });
    expect(answer.headers.get('front-token')).toBe('remove');
    expect((await stepgate.app().users.load(userId))?.loginMethods).toHaveLength(1);
  });

  it('asks to try again where the user was changed meanwhile, and the same code then works', async () => {
    const it4 = await begun();
    const { userId, page, device, code } = it4;
    const user = await stepgate.app().users.load(userId);
    // As another link at the same time does it.
    const run = () =>
      stepgate.put({ ...user, loginMethods: undefined, pk: `USER#${userId}`, sk: 'PROFILE', version: 1 });
    faults.inject({ ...consume, fault: { kind: 'meanwhile', run } });
    expect(await page.consume(device, code)).toMatchObject({
      status: 200,
      body: { status: 'GENERAL_ERROR', message: expect.stringContaining('try again') },
      setCookies: [],
    });
    expect((await page.me()).status).toBe(403);
    expect((await page.consume(device, code)).body.status).toBe('OK');
  });
});

describe('F5: a transaction that is still running', () => {
  it('is asked for again with the same token', async () => {
    const { page, device, code } = await begun();
    faults.inject({ ...consume, fault: { kind: 'error', type: 'TransactionInProgressException' } });
    expect((await page.consume(device, code)).body.status).toBe('OK');
    expect((await storedSession(stepgate, page)).generation).toBe(1);
  });
});
