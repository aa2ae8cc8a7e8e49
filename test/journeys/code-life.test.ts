import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

/** Limits, cool-downs and lifetimes as in the cloud. */
const stepgate = useStepgate({ config: { LIMIT_SCALE: '1' } });

beforeAll(() => stepgate.clock.freeze());

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

let users = 0;

describe.each<Mode>(['cookie', 'header'])('the life of a code (%s mode)', (mode) => {
  let email = '';

  beforeEach(async () => {
    await stepgate.tenant('public', { requiredSecondaryFactors: ['otp-email', 'otp-phone'] });
    email = `user-${(users += 1)}@example.com`;
    await stepgate.user(email);
  });

  const waiting = async () => {
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    const sent = await page.sendCode({ email });
    return { page, device: sent.body, code: stepgate.lastCode(email) };
  };

  it('refuses to send again within half a minute, and says how long to wait', async () => {
    const { page, device, code } = await waiting();
    stepgate.clock.advance(20 * SECOND);
    const again = await page.resendCode(device);
    expect(again.body).toEqual({
      status: 'GENERAL_ERROR',
      message: 'A code was sent just now. Please wait 10 seconds before asking for another.',
    });
    expect(again.headers.get('retry-after')).toBe('10');
    expect(stepgate.aws.inbox().messages(email)).toHaveLength(1);
    expect((await page.consume(device, code)).body.status).toBe('OK');
  });

  it('sends a new code after it, and takes that one only', async () => {
    const { page, device, code } = await waiting();
    stepgate.clock.advance(30 * SECOND);
    expect((await page.resendCode(device)).body).toEqual({ status: 'OK' });
    const renewed = stepgate.lastCode(email);
    expect(stepgate.aws.inbox().messages(email)).toHaveLength(2);
    // One time in a million the two are the same code.
    const old = code === renewed ? `${(Number(code) + 1) % 1_000_000}`.padStart(6, '0') : code;
    expect((await page.consume(device, old)).body).toEqual({
      status: 'INCORRECT_USER_INPUT_CODE_ERROR',
      failedCodeInputAttemptCount: 1,
      maximumCodeInputAttempts: 5,
    });
    expect((await page.consume(device, renewed)).body.status).toBe('OK');
    expect((await page.me()).status).toBe(200);
  });

  it('takes a code typed with spaces around it', async () => {
    const { page, device, code } = await waiting();
    expect((await page.consume(device, ` ${code} `)).body.status).toBe('OK');
  });

  it('tells an expired code from a wrong one, and lets a new one be sent', async () => {
    const { page, device, code } = await waiting();
    stepgate.clock.advance(10 * MINUTE);
    expect((await page.refresh()).status).toBe(200);
    expect((await page.consume(device, code)).body).toEqual({
      status: 'EXPIRED_USER_INPUT_CODE_ERROR',
      failedCodeInputAttemptCount: 1,
      maximumCodeInputAttempts: 5,
    });
    expect((await page.me()).status).toBe(403);
    expect((await page.resendCode(device)).body).toEqual({ status: 'OK' });
    expect((await page.consume(device, stepgate.lastCode(email))).body.status).toBe('OK');
  });

  it('takes a code in its last millisecond', async () => {
    const { page, device, code } = await waiting();
    stepgate.clock.advance(10 * MINUTE - 1);
    await page.refresh();
    expect((await page.consume(device, code)).body.status).toBe('OK');
  });

  it('begins anew with a session that was left waiting for half an hour', async () => {
    const { page } = await waiting();
    stepgate.clock.advance(30 * MINUTE);
    const over = await page.refresh();
    expect(over).toMatchObject({ status: 401, body: { message: 'unauthorised' } });
    expect(over.headers.get('front-token')).toBe('remove');
    expect(page.claims()).toBeUndefined();
  });

  it('restarts the flow for a code that was used', async () => {
    const { page, device, code } = await waiting();
    await page.consume(device, code);
    expect((await page.consume(device, code)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    expect((await page.resendCode(device)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
  });
});
