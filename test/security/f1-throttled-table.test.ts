// A table that is too busy is our fault, not the user's: once, nobody notices; for longer, the answer is "try again",
// never "wrong code", and nothing is compared while it cannot be counted. @see security.md §4.1, F1, F2, F6, F7

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { useFaults } from '../support/fault-proxy.ts';
import { EVERYBODY, halfway, otherThan, storedSession } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const faults = await useFaults();
const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('public', EVERYBODY));
afterEach(() => faults.calm());

const NOT_NOW = {
  status: 'GENERAL_ERROR',
  message: "We couldn't do this right now. Please try again in a minute.",
  errorId: expect.any(String),
};

let made = 0;
const begun = () => halfway(stepgate, `busy-${(made += 1)}@example.com`);

describe.each(['ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded'])(
  'F1: %s once',
  (type) => {
    it.each([
      ['the attempt', 'UpdateItem', /"OTP#/],
      ['the user’s guess', 'UpdateItem', /"LIMIT#otp-user/],
      ['the user', 'Query', /"USER#/],
      ['the transaction', 'TransactWriteItems', /"OTP#/],
    ])('at %s goes unnoticed', async (_, operation, of) => {
      const { page, device, code } = await begun();
      faults.inject({ operation, of, fault: { kind: 'error', type } });
      expect((await page.consume(device, code)).body.status).toBe('OK');
      expect(faults.seen(operation, of)).toBe(2);
      expect((await storedSession(stepgate, page)).generation).toBe(1);
    });
  },
);

describe('F6 and F7: a broken connection, once', () => {
  it.each([
    ['an internal error', { kind: 'error', type: 'InternalServerError' }],
    ['a connection that breaks', { kind: 'drop-before' }],
    ['no answer for 2 seconds', { kind: 'delay', ms: 2_000 }],
  ] as const)('%s goes unnoticed', async (_, fault) => {
    const { page, device, code } = await begun();
    faults.inject({ operation: 'UpdateItem', of: /"OTP#/, fault });
    expect((await page.consume(device, code)).body.status).toBe('OK');
  });
});

describe('F2: throttled for good', () => {
  it.each([
    ['the attempt', /"OTP#/],
    ['the user’s guess', /"LIMIT#otp-user/],
    ['the address’s guess', /"LIMIT#otp-to/],
    ['the requests of the network address', /"LIMIT#verify-ip/],
  ])('at %s compares nothing, says so, and leaves the right code good', async (_, of) => {
    const { page, device, code } = await begun();
    const fault = { kind: 'error', type: 'ThrottlingException' } as const;
    faults.inject({ operation: 'UpdateItem', of, times: 100, fault });
    for (const guess of [code, otherThan(code)]) {
      const answer = await page.consume(device, guess);
      expect(answer).toMatchObject({ status: 200, body: NOT_NOW, setCookies: [] });
      expect(Object.keys(answer.body)).toHaveLength(3);
    }
    expect((await page.me()).status).toBe(403);

    faults.calm();
    expect((await page.consume(device, code)).body.status).toBe('OK');
  });

  it.each([
    ['the address’s count', 'UpdateItem', /"LIMIT#email-to/],
    ['the user’s count', 'UpdateItem', /"LIMIT#codes-user/],
    ['the device', 'PutItem', /"OTP#/],
  ])('at %s sends nothing', async (_, operation, of) => {
    const { page } = await begun();
    const email = `busy-${made}@example.com`;
    const before = stepgate.aws.inbox().messages(email).length;
    faults.inject({ operation, of, times: 100, fault: { kind: 'error', type: 'ThrottlingException' } });
    expect(await page.sendCode({ email })).toMatchObject({ status: 200, body: NOT_NOW });
    expect(stepgate.aws.inbox().messages(email)).toHaveLength(before);
    faults.calm();
    expect((await page.sendCode({ email })).body.status).toBe('OK');
  });

  it('at the refresh of a session answers 503, never 401, and the session goes on', async () => {
    const { page } = await begun();
    faults.inject({ operation: 'UpdateItem', times: 100, fault: { kind: 'error', type: 'ThrottlingException' } });
    const answer = await page.refresh();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(answer.headers.get('front-token')).toBeNull();
    faults.calm();
    expect((await page.refresh()).status).toBe(200);
  });

  it('names no service and no table, and logs an error once', async () => {
    const { page, device, code } = await begun();
    faults.inject({ operation: 'UpdateItem', times: 100, fault: { kind: 'error', type: 'ThrottlingException' } });
    const before = stepgate.logged.filter(({ level }) => level === 'error').length;
    const answer = await page.consume(device, code);
    expect(JSON.stringify([answer.body, [...answer.headers]])).not.toMatch(/dynamo|amz|aws|throttl|stepgate-|OTP#/i);
    const errors = stepgate.logged.filter(({ level }) => level === 'error').slice(before);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      event: 'request.failed',
      fields: { error: 'ThrottlingException', errorId: answer.body.errorId },
    });
  });
});

describe('F2: a table that does not answer at all', () => {
  it('is waited for less than 10 seconds', async () => {
    const { page, device, code } = await begun();
    faults.inject({ operation: 'UpdateItem', times: 100, fault: { kind: 'delay', ms: 9_000 } });
    const before = Date.now();
    expect(await page.consume(device, code)).toMatchObject({ status: 200, body: NOT_NOW });
    expect(Date.now() - before).toBeLessThan(10_000);
    faults.calm();
    const again = stepgate.browser();
    expect((await again.signIn(`busy-${made}@example.com`, PASSWORD)).body.status).toBe('OK');
  });
});
