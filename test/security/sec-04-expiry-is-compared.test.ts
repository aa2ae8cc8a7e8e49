// DynamoDB deletes by TTL days late, so an item that is still there says nothing: expiry is a comparison in code.
// And a code lives 10 minutes at most, whoever configures it. @see CVE-2025-64708, OWASP ASVS 5.0 V6.5.5

import { beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../shared/config.ts';
import { EVERYBODY, halfway, itemsUnder, otherThan } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate({ config: { OTP_SECONDS: '2' } });
beforeAll(() => stepgate.tenant('public', EVERYBODY));

const expired = (count: number) => ({
  status: 'EXPIRED_USER_INPUT_CODE_ERROR',
  failedCodeInputAttemptCount: count,
  maximumCodeInputAttempts: 5,
});

describe('SEC-04: expiry is compared', () => {
  it('refuses the right code of a device that has run out but is still stored, and counts the attempt', async () => {
    const { page, device, code } = await halfway(stepgate, 'late@example.com');
    stepgate.clock.advance(3_000);
    const devices = await itemsUnder(stepgate, 'OTP#');
    expect(devices.some(({ expiresAt }) => Number(expiresAt) < stepgate.clock.now())).toBe(true);

    for (const count of [1, 2, 3, 4]) expect((await page.consume(device, code)).body).toEqual(expired(count));
    expect((await page.consume(device, code)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    expect((await page.me()).status).toBe(403);
    expect(page.claims()['st-mfa'].v).toBe(false);
  });

  it('tells nobody who guesses wrong that the code has run out', async () => {
    const { page, device, code } = await halfway(stepgate, 'wrong@example.com');
    stepgate.clock.advance(3_000);
    expect((await page.consume(device, otherThan(code))).body.status).toBe('INCORRECT_USER_INPUT_CODE_ERROR');
  });

  it('refuses the right code at the very millisecond it runs out, and takes it one before', async () => {
    stepgate.clock.freeze();
    const early = await halfway(stepgate, 'early@example.com');
    const late = await halfway(stepgate, 'on-time@example.com');
    stepgate.clock.advance(1_999);
    expect((await early.page.consume(early.device, early.code)).body.status).toBe('OK');
    stepgate.clock.advance(1);
    expect((await late.page.consume(late.device, late.code)).body).toEqual(expired(1));
  });

  it('does not start with codes that live longer than 10 minutes', () => {
    const settings = {
      TABLE_NAME: 'stepgate',
      KMS_KEY_ID: 'alias/stepgate',
      PUBLIC_URL: 'https://auth.example.com',
      MAIL_FROM: 'no-reply@example.com',
    };
    expect(readConfig({ ...settings, OTP_SECONDS: '600' }).OTP_SECONDS).toBe(600);
    for (const seconds of ['601', '900', '86400', '0', '-1', '1e3', '']) {
      expect(() => readConfig({ ...settings, OTP_SECONDS: seconds })).toThrow('OTP_SECONDS');
    }
  });
});
