/**
 * A wrong setting stops the start with a line that says which and how it has to be, and never with what it was.
 *
 * Why: a service that starts with a lifetime of ten years because of a missing digit is noticed by an attacker first,
 * and whoever pastes a secret into the wrong variable must not find it in a log (security.md §1.9, SEC-04).
 */
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../shared/config.ts';

const GOOD = {
  TABLE_NAME: 'stepgate',
  KMS_KEY_ID: 'alias/stepgate',
  PUBLIC_URL: 'https://auth.example.com',
  MAIL_FROM: 'Stepgate <no-reply@example.com>',
};

function faults(change: Readonly<Record<string, string | undefined>>): readonly string[] {
  try {
    readConfig({ ...GOOD, ...change });
  } catch (error) {
    const [head, ...lines] = (error as Error).message.split('\n');
    expect(head).toBe("Stepgate's settings are wrong:");
    return lines.map((line) => line.trim());
  }
  return [];
}

describe('settings', () => {
  it('are those of security.md where nothing is said', () => {
    expect(readConfig(GOOD)).toEqual({
      ...GOOD,
      ANTI_CSRF: 'NONE',
      EDGE_TOKEN_SHA256: [],
      EDGE_ONLY: false,
      COOKIE_SAME_SITE: 'Lax',
      COOKIE_PROFILE: 'plain',
      ACCESS_TOKEN_SECONDS: 900,
      REFRESH_IDLE_SECONDS: 604_800,
      REFRESH_ABSOLUTE_SECONDS: 2_592_000,
      REFRESH_GRACE_SECONDS: 30,
      OTP_SECONDS: 600,
      TOTP_PERIOD_SECONDS: 30,
      KEY_ROTATION_SECONDS: 2_592_000,
      TENANT_CACHE_SECONDS: 5,
      LIMIT_SCALE: 1,
      SES_CONFIGURATION_SET: '',
      EMAIL_SENDER_ARN: '',
      SMS_SENDER_ARN: '',
      SMS_COUNTRIES: [],
      APP_NAME: 'Stepgate',
    });
  });

  it('take nothing from variables they do not know', () => {
    expect(readConfig({ ...GOOD, PATH: '/bin', constructor: 'x' })).not.toHaveProperty('PATH');
  });

  it.each([
    ['ACCESS_TOKEN_SECONDS', 1, 900],
    ['REFRESH_IDLE_SECONDS', 1, 604_800],
    ['REFRESH_ABSOLUTE_SECONDS', 1, 2_592_000],
    ['REFRESH_GRACE_SECONDS', 0, 300],
    ['OTP_SECONDS', 1, 600],
    ['TOTP_PERIOD_SECONDS', 1, 30],
    ['KEY_ROTATION_SECONDS', 1, 7_776_000],
    ['TENANT_CACHE_SECONDS', 0, 60],
    ['LIMIT_SCALE', 1, 20],
  ] as const)('%s is a whole number from %i to %i', (name, least, most) => {
    for (const value of [least, most]) expect(readConfig({ ...GOOD, [name]: String(value) })[name]).toBe(value);
    expect(faults({ [name]: String(most + 1) })).toEqual([expect.stringMatching(new RegExp(`^${name}: .*${most}`))]);
    const under = least === 0 ? '-1' : '0';
    for (const value of [under, '', ' 5', '5.5', '5s', '0x5', '1e2', '-5', 'five', '9'.repeat(20)]) {
      const lines = faults({ [name]: value });
      expect([value, lines]).toEqual([value, [expect.stringMatching(new RegExp(`^${name}: must be .+`))]]);
    }
  });

  it.each([
    ['TABLE_NAME', ['', 'ab']],
    ['KMS_KEY_ID', ['']],
    ['PUBLIC_URL', ['', 'auth.example.com', 'https://auth.example.com/', 'https://a.example/auth', 'ftp://a.example']],
    ['PUBLIC_URL', ['javascript:alert(1)', 'https://user:pw@a.example', 'https://A.example', 'https://a.example?x=1']],
    ['ANTI_CSRF', ['', 'none', 'VIA_COOKIE']],
    ['COOKIE_DOMAIN', ['', 'localhost', 'a.example; Path=/x', 'https://a.example', '..example', 'a.example\r\nX: y']],
    ['MAIL_FROM', ['', 'nobody', 'a@example.com\r\nBcc: b@example.com']],
    ['SMS_COUNTRIES', ['hu', 'HUN', 'HU, DE', 'HU,', '*,HU']],
    ['APP_NAME', ['', 'a name that is far too long']],
  ])('%s is not %j', (name, values) => {
    for (const value of values) {
      const lines = faults({ [name]: value });
      expect([value, lines]).toEqual([value, [expect.stringMatching(new RegExp(`^${name}: must be .+`))]]);
    }
  });

  it.each([
    ['COOKIE_SAME_SITE', { COOKIE_SAME_SITE: 'None', PUBLIC_URL: 'http://auth.example.com' }],
    ['ANTI_CSRF', { COOKIE_SAME_SITE: 'None', ANTI_CSRF: 'NONE' }],
    ['COOKIE_PROFILE', { COOKIE_PROFILE: 'hardened', PUBLIC_URL: 'http://localhost:3001' }],
    ['COOKIE_DOMAIN', { COOKIE_PROFILE: 'hardened', COOKIE_DOMAIN: 'example.com' }],
    ['COOKIE_DOMAIN', { COOKIE_DOMAIN: 'ample.com' }],
    ['COOKIE_DOMAIN', { COOKIE_DOMAIN: '192.0.2.1', PUBLIC_URL: 'https://192.0.2.1' }],
    ['OLDER_COOKIE_DOMAIN', { OLDER_COOKIE_DOMAIN: 'example.org' }],
    ['OLDER_COOKIE_DOMAIN', { OLDER_COOKIE_DOMAIN: '.example.com', COOKIE_DOMAIN: 'example.com' }],
  ])('%s cannot be what no browser would keep: %j', (name, change) => {
    expect(faults(change)).toEqual([expect.stringMatching(new RegExp(`^${name}: `))]);
  });

  it('ask for a custom header where cookies go across sites, over https or on localhost', () => {
    for (const PUBLIC_URL of ['https://auth.example.com', 'http://localhost:3001']) {
      const config = readConfig({ ...GOOD, PUBLIC_URL, COOKIE_SAME_SITE: 'None' });
      expect(config.ANTI_CSRF).toBe('VIA_CUSTOM_HEADER');
    }
  });

  it.each(Object.keys(GOOD))('without %s there is no start', (name) => {
    expect(faults({ [name]: undefined })).toEqual([`${name}: is missing`]);
  });

  it('are all told at once, a line each, and no value is repeated', () => {
    const secret = 'hunter2-hunter2-hunter2';
    const names = ['ANTI_CSRF', 'COOKIE_DOMAIN', 'LIMIT_SCALE', 'OTP_SECONDS', 'PUBLIC_URL', 'SMS_COUNTRIES'];
    const lines = faults(Object.fromEntries([...names, 'APP_NAME', 'MAIL_FROM'].map((name) => [name, secret])));
    expect(lines.map((line) => line.split(':')[0]).toSorted()).toEqual([...names, 'APP_NAME', 'MAIL_FROM'].toSorted());
    expect(lines.join('\n')).not.toMatch(/hunter2/);
  });
});
