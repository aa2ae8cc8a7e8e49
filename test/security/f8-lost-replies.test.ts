// A write that was done and whose answer was lost is repeated by the SDK and meets itself. It must know itself again:
// the user sees success, once, and never a code that was "already used". @see security.md §4.2, F8; §3.4 traps

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { useFaults } from '../support/fault-proxy.ts';
import { EVERYBODY, halfway, itemsUnder, otherThan, storedSession } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const faults = await useFaults();
const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('public', EVERYBODY));
afterEach(() => faults.calm());

let made = 0;
const begun = () => halfway(stepgate, `lost-${(made += 1)}@example.com`);

describe.each(['apply-then-drop', 'apply-then-error'] as const)('F8: a write done, its answer lost (%s)', (kind) => {
  const fault = { kind };

  it('completes a session once', async () => {
    const { userId, page, device, code } = await begun();
    faults.inject({ operation: 'TransactWriteItems', of: /"OTP#/, fault });
    expect((await page.consume(device, code)).body.status).toBe('OK');
    expect(faults.seen('TransactWriteItems')).toBe(2);
    expect((await storedSession(stepgate, page)).generation).toBe(1);
    expect((await stepgate.app().users.load(userId))?.loginMethods).toHaveLength(2);
    expect((await page.refresh()).status).toBe(200);
    expect((await page.consume(device, code)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
  });

  it('costs one attempt more, and no more', async () => {
    const { page, device, code } = await begun();
    faults.inject({ operation: 'UpdateItem', of: /"OTP#/, fault });
    expect((await page.consume(device, otherThan(code))).body).toMatchObject({ failedCodeInputAttemptCount: 2 });
    expect((await page.consume(device, code)).body.status).toBe('OK');
  });

  it('sends one mail', async () => {
    const { page } = await begun();
    const email = `lost-${made}@example.com`;
    const before = stepgate.aws.inbox().messages(email).length;
    faults.inject({ operation: 'PutItem', of: /"OTP#/, fault });
    const sent = await page.sendCode({ email });
    expect(sent.body.status).toBe('OK');
    expect(stepgate.aws.inbox().messages(email)).toHaveLength(before + 1);
    expect((await page.consume(sent.body, stepgate.lastCode(email))).body.status).toBe('OK');
  });

  it('signs in with one session', async () => {
    const email = `sign-in-${kind}@example.com`;
    const userId = await stepgate.user(email);
    const page = stepgate.browser();
    faults.inject({ operation: 'PutItem', of: /"SESSION#/, fault });
    expect((await page.signIn(email, PASSWORD)).body.status).toBe('OK');
    expect(await stepgate.app().sessions.list(userId)).toHaveLength(1);
    expect((await page.refresh()).status).toBe(200);
  });

  it('makes one account', async () => {
    const page = stepgate.browser();
    faults.inject({ operation: 'TransactWriteItems', of: /"LOOKUP#/, fault });
    const members = (await itemsUnder(stepgate, 'MEMBER#public')).length;
    const signedUp = await page.signUp(`sign-up-${kind}@example.com`, PASSWORD);
    expect(signedUp.body.status).toBe('OK');
    expect(await itemsUnder(stepgate, 'MEMBER#public')).toHaveLength(members + 1);
    expect((await page.mfaInfo()).body.status).toBe('OK');
  });
});

describe('F8: every answer lost', () => {
  it('leaves a session that its browser can still follow, and a code that is used', async () => {
    const { page, device, code } = await begun();
    const fault = { kind: 'apply-then-drop' } as const;
    faults.inject({ operation: 'TransactWriteItems', of: /"OTP#/, times: 2, fault });
    expect((await page.consume(device, code)).body.status).toBe('GENERAL_ERROR');
    expect((await page.consume(device, code)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    expect((await page.refresh()).status).toBe(200);
    expect((await page.me()).status).toBe(200);
    expect((await storedSession(stepgate, page)).generation).toBe(1);
  });
});
