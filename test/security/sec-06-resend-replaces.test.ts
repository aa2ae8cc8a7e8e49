// A resend that left the first code good would double what can be guessed, and one that reset the count would make
// guessing endless. @see OWASP Multifactor Authentication cheat sheet; "AuthQuake", 2024

import { beforeAll, describe, expect, it } from 'vitest';
import { codeSent, EVERYBODY, halfway, OPEN, otherThan, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('public', EVERYBODY));

const COOL_DOWN_MS = 30_000;

describe('SEC-06: a resend replaces the code and forgives nothing', () => {
  it('goes on counting where it was', async () => {
    const { page, device, code } = await halfway(stepgate, 'counts@example.com');
    for (let i = 0; i < 3; i += 1) await page.consume(device, otherThan(code));
    stepgate.clock.advance(COOL_DOWN_MS);
    expect((await page.resendCode(device)).body).toEqual({ status: 'OK' });

    const renewed = stepgate.lastCode('counts@example.com');
    expect((await page.consume(device, otherThan(renewed))).body).toEqual({
      status: 'INCORRECT_USER_INPUT_CODE_ERROR',
      failedCodeInputAttemptCount: 4,
      maximumCodeInputAttempts: 5,
    });
    expect((await page.consume(device, otherThan(renewed))).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    expect((await page.consume(device, renewed)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
  });

  it('takes the new code and not the first one', async () => {
    const { page, device, code } = await halfway(stepgate, 'first@example.com');
    stepgate.clock.advance(COOL_DOWN_MS);
    await page.resendCode(device);
    const renewed = stepgate.lastCode('first@example.com');
    expect((await page.consume(device, code)).body.status).toBe('INCORRECT_USER_INPUT_CODE_ERROR');
    expect((await page.consume(device, renewed)).body.status).toBe('OK');
  });

  it('lets a device live 30 minutes in all, however often its code is sent again', async () => {
    await stepgate.tenant('open', OPEN);
    await stepgate.user('old@example.com', { tenantId: 'open' });
    const page = await signedIn(stepgate, 'old@example.com', 'open');
    stepgate.clock.freeze();
    const device = await codeSent(page, { email: 'old@example.com' });
    const resendIn = async (ms: number) => {
      stepgate.clock.advance(ms);
      await page.refresh();
      return (await page.resendCode(device)).body;
    };
    for (const minutes of [8, 8, 8]) expect(await resendIn(minutes * 60_000)).toEqual({ status: 'OK' });
    expect(await resendIn(6 * 60_000 - 1_000)).toEqual({ status: 'OK' });
    const last = stepgate.lastCode('old@example.com');
    expect(await resendIn(1_000)).toEqual({ status: 'RESTART_FLOW_ERROR' });
    expect((await page.consume(device, last)).body.status).toBe('EXPIRED_USER_INPUT_CODE_ERROR');
  });
});
