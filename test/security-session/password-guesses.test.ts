/**
 * Ten wrong passwords in a quarter of an hour, and an address gets no eleventh; thirty, and nobody does. The owner is
 * held up for minutes, from that address alone, and never for having signed in.
 *
 * Why: ASVS 6.3.1; a limit that looks after it has compared is passed by guesses sent at once, and one that counts
 * successes locks busy people out.
 */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { form, gateway } from '../support/gateway.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { NOBODY } from './mfa.ts';

const stepgate = useStepgate();
const QUARTER = 900_000;
const [HOME, THIEF] = ['192.0.2.10', '203.0.113.66'];
let account = 0;
let email = '';

beforeAll(async () => {
  await stepgate.tenant('public', NOBODY);
  await stepgate.tenant('t2', NOBODY);
  stepgate.clock.freeze();
});

/** Each test has an account of its own and begins with a window of its own. */
beforeEach(async () => {
  email = `guessed-${(account += 1)}@example.com`;
  await stepgate.user(email);
  stepgate.clock.advance(QUARTER - (stepgate.clock.now() % QUARTER));
});

const attempt = (password: string, ip: string, path = '/auth/signin') =>
  gateway(stepgate.app())('POST', path, { body: form({ email, password }), ip });
const says = async (password: string, ip: string): Promise<string> => (await attempt(password, ip)).body.status;
const wrong = async (times: number, ip: string): Promise<void> => {
  for (let i = 0; i < times; i += 1) expect(await says(`wrong ${i}`, ip)).toBe('WRONG_CREDENTIALS_ERROR');
};

describe('SEC-62: wrong passwords', () => {
  it('are limited at the eleventh from one address, as is the right one then, until the quarter is over', async () => {
    await wrong(10, THIEF);
    const eleventh = await attempt('wrong', THIEF);
    expect([eleventh.status, eleventh.body]).toEqual([
      200,
      { status: 'GENERAL_ERROR', message: 'Too many attempts. Please try again in 15 minutes.' },
    ]);
    expect(eleventh.headers['retry-after']).toBe('900');
    expect(eleventh.headers['front-token']).toBeUndefined();

    expect(await says(PASSWORD, THIEF)).toBe('GENERAL_ERROR');
    stepgate.clock.advance(QUARTER - 1);
    expect(await says(PASSWORD, THIEF)).toBe('GENERAL_ERROR');
    stepgate.clock.advance(1);
    expect(await says(PASSWORD, THIEF)).toBe('OK');
  });

  it('leave the owner in from another address', async () => {
    await wrong(10, THIEF);
    expect(await says(PASSWORD, HOME)).toBe('OK');
  });

  it('are limited at the thirty-first from anywhere', async () => {
    for (const last of [1, 2, 3]) await wrong(10, `198.51.100.${last}`);
    expect(await says('wrong', '198.51.100.4')).toBe('GENERAL_ERROR');
    expect(await says(PASSWORD, HOME)).toBe('GENERAL_ERROR');
    stepgate.clock.advance(QUARTER);
    expect(await says(PASSWORD, HOME)).toBe('OK');
  });

  it('cannot overtake the limit by coming at once', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => says(`wrong ${i}`, THIEF)));
    const compared = answers.filter((status) => status === 'WRONG_CREDENTIALS_ERROR').length;
    expect(answers.filter((status) => status === 'GENERAL_ERROR').length).toBe(40 - compared);
    // Fewer where the table was so slow that a count was sent again: it never counts less than once.
    expect(compared).toBeLessThanOrEqual(10);
    expect(compared).toBeGreaterThan(0);
  });

  it('count once for addresses of one IPv6 network, and for every spelling of the account', async () => {
    for (let i = 0; i < 10; i += 1) {
      const spelling = i % 2 === 0 ? email.toUpperCase() : ` ${email}`;
      const body = form({ email: spelling, password: 'wrong' });
      await gateway(stepgate.app())('POST', '/auth/signin', { body, ip: `2001:db8:1:2:${i}::1` });
    }
    expect(await says(PASSWORD, '2001:db8:1:2:ffff::9')).toBe('GENERAL_ERROR');
    expect(await says(PASSWORD, '2001:db8:1:3::9')).toBe('OK');
  });

  it('count for the tenant they were tried at', async () => {
    await stepgate.user(email, { tenantId: 't2' });
    await wrong(10, THIEF);
    expect((await attempt(PASSWORD, THIEF, '/auth/t2/signin')).body.status).toBe('OK');
  });

  it('are no reason to limit an account whose owner signs in all day', async () => {
    for (let i = 0; i < 11; i += 1) expect(await says(PASSWORD, HOME)).toBe('OK');
    await wrong(10, HOME);
    expect(await says(PASSWORD, HOME)).toBe('GENERAL_ERROR');
  });

  it('stay counted when a right one comes between', async () => {
    await wrong(9, HOME);
    expect(await says(PASSWORD, HOME)).toBe('OK');
    await wrong(1, HOME);
    expect(await says(PASSWORD, HOME)).toBe('GENERAL_ERROR');
  });

  it('of one account do not hold up another', async () => {
    await wrong(10, THIEF);
    const other = `other-${account}@example.com`;
    await stepgate.user(other);
    const body = form({ email: other, password: PASSWORD });
    expect((await gateway(stepgate.app())('POST', '/auth/signin', { body, ip: THIEF })).body.status).toBe('OK');
  });
});
