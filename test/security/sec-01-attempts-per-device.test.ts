// A code has a million values and is guessed at one device: five guesses leave 5 in a million. A sixth must not be
// compared, not even when it is right. @see OWASP ASVS 5.0 V6.6.3, NIST SP 800-63B-4 §3.2.2

import { beforeAll, describe, expect, it } from 'vitest';
import { EVERYBODY, halfway, otherThan } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('public', EVERYBODY));

const incorrect = (count: number) => ({
  status: 'INCORRECT_USER_INPUT_CODE_ERROR',
  failedCodeInputAttemptCount: count,
  maximumCodeInputAttempts: 5,
});

describe('SEC-01: attempts per device', () => {
  it('counts four wrong codes, ends the device with the fifth, and refuses the right code after it', async () => {
    const { page, device, code } = await halfway(stepgate, 'five@example.com');
    for (const count of [1, 2, 3, 4]) {
      expect((await page.consume(device, otherThan(code))).body).toEqual(incorrect(count));
    }
    expect((await page.consume(device, otherThan(code))).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    expect((await page.consume(device, code)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    expect((await page.resendCode(device)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    expect((await page.me()).status).toBe(403);
  });

  it('takes the right code as the fifth', async () => {
    const { page, device, code } = await halfway(stepgate, 'fifth@example.com');
    for (const count of [1, 2, 3, 4]) {
      expect((await page.consume(device, otherThan(code))).body).toEqual(incorrect(count));
    }
    expect((await page.consume(device, code)).body.status).toBe('OK');
    expect((await page.me()).status).toBe(200);
  });

  it('counts what can be no code at all, and forgives the blanks around one', async () => {
    const { page, device, code } = await halfway(stepgate, 'odd@example.com');
    for (const [i, guess] of ['', 'abcdef', `${code}0`, '１２３４５６'].entries()) {
      expect((await page.consume(device, guess)).body).toEqual(incorrect(i + 1));
    }
    expect((await page.consume(device, ` ${code} `)).body.status).toBe('OK');
  });
});
