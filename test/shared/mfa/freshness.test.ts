import { describe, expect, it } from 'vitest';
import { FRESH_FACTOR_SECONDS } from '../../../shared/limits.ts';
import { isStale } from '../../../shared/mfa/freshness.ts';
import { done, facts, SECONDS } from './facts.ts';

const owner = (firstFactor: string, factorsSetUp: readonly string[], completed = done(firstFactor)) =>
  facts({ user: { factorsSetUp }, session: { firstFactor, completed } });

describe('isStale', () => {
  it.each([
    ['emailpassword', ['emailpassword']],
    ['otp-email', ['otp-email']],
    // A password is another way in: it cannot be shown after the first factor, so it cannot be asked for.
    ['thirdparty', ['emailpassword']],
    ['otp-email', ['emailpassword', 'otp-email']],
    ['link-phone', ['emailpassword', 'otp-phone']],
  ])('asks nothing of a session by %s where the account has %j', (first, setUp) => {
    expect(isStale(owner(first, setUp))).toBe(false);
  });

  it.each([
    ['emailpassword', ['emailpassword', 'otp-email']],
    ['thirdparty', ['emailpassword', 'totp']],
    ['otp-email', ['emailpassword', 'otp-email', 'otp-phone']],
    ['emailpassword', ['emailpassword', 'custom-factor']],
  ])('asks a session by %s for a second factor where the account has %j', (first, setUp) => {
    expect(isStale(owner(first, setUp))).toBe(true);
  });

  it('lets five minutes pass since the newest one', () => {
    const shown = (ago: number) =>
      isStale(owner('thirdparty', ['emailpassword', 'totp'], { thirdparty: SECONDS - 9_000, totp: SECONDS - ago }));
    expect([shown(FRESH_FACTOR_SECONDS), shown(FRESH_FACTOR_SECONDS + 1)]).toEqual([false, true]);
  });
});
