// One password, or one code, tried on account after account: each is far below its own limit. Twenty accounts fail for an
// address in ten minutes, and no twenty-first is tried. @see security.md §1.9, §2.1, inverted brute force

import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { form, gateway } from '../support/gateway.ts';
import { itemsUnder, OPEN, otherThan } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

vi.setConfig({ testTimeout: 60_000 });

const stepgate = useStepgate({ config: { LIMIT_SCALE: '1' } });
const TEN_MINUTES = 600_000;
const THIEF = '203.0.113.66';
const HOME = '198.51.100.7';
const victim = (i: number) => `victim-${i}@example.com`;

beforeAll(async () => {
  await stepgate.tenant('public', {
    ...OPEN,
    firstFactors: ['emailpassword', 'otp-email'],
    requiredSecondaryFactors: ['otp-email'],
    contactMethod: 'EMAIL',
    flowType: 'USER_INPUT_CODE',
  });
  await stepgate.tenant('acme', { ...OPEN, firstFactors: ['emailpassword'] });
  stepgate.clock.freeze();
  for (let i = 0; i < 4; i += 1) await stepgate.user(victim(i));
});
beforeEach(() => stepgate.clock.advance(TEN_MINUTES - (stepgate.clock.now() % TEN_MINUTES)));

const attempt = (email: string, password: string, ip: string, path = '/auth/signin') =>
  gateway(stepgate.app())('POST', path, { body: form({ email, password }), ip });
const says = async (...guess: Parameters<typeof attempt>): Promise<string> => (await attempt(...guess)).body.status;
/** Twenty different accounts, of which some are nobody's. */
async function spray(ip: string): Promise<void> {
  for (let i = 0; i < 20; i += 1) {
    const email = i < 4 ? victim(i) : `nobody-${i}@example.com`;
    expect(await says(email, 'Summer2026!', ip), `guess ${i}`).toBe('WRONG_CREDENTIALS_ERROR');
  }
}
const sprayed = () => stepgate.logged.filter(({ event }) => event === 'accounts.sprayed');

describe('SEC-12: one password for many accounts', () => {
  it('stops at the twenty-first, whether anybody has the account, and whether the password is right', async () => {
    await stepgate.user('twenty-first@example.com');
    await spray(THIEF);
    const known = await attempt('twenty-first@example.com', PASSWORD, THIEF);
    const unknown = await attempt('nobody-at-all@example.com', PASSWORD, THIEF);
    expect([known.status, known.body, known.headers['retry-after'], known.headers['front-token']]).toEqual([
      200,
      { status: 'GENERAL_ERROR', message: 'Too many attempts. Please try again in 10 minutes.' },
      '600',
      undefined,
    ]);
    expect(unknown).toEqual(known);
    expect(await says('twenty-first@example.com', PASSWORD, HOME)).toBe('OK');
    stepgate.clock.advance(TEN_MINUTES);
    expect(await says('twenty-first@example.com', PASSWORD, THIEF)).toBe('OK');
  });

  it('counts over all tenants', async () => {
    await spray(THIEF);
    expect(await says('nobody-in-acme@example.com', 'Summer2026!', THIEF, '/auth/acme/signin')).toBe('GENERAL_ERROR');
  });

  it('counts a /64 of IPv6 as one address', async () => {
    await spray('2001:db8:1:2::1');
    expect(await says(victim(0), 'x', '2001:db8:1:3::1')).toBe('WRONG_CREDENTIALS_ERROR');
    expect(await says('nobody-new@example.com', 'x', '2001:db8:1:2:ffff::9')).toBe('GENERAL_ERROR');
  });

  it('leaves those in who failed before and know it now, and counts them no more', async () => {
    await spray(THIEF);
    expect(await says('nobody-new@example.com', 'x', THIEF)).toBe('GENERAL_ERROR');
    expect(await says(victim(1), PASSWORD, THIEF)).toBe('OK');
    expect(await says('nobody-new@example.com', 'x', THIEF)).toBe('WRONG_CREDENTIALS_ERROR');
    expect(await says('nobody-newer@example.com', 'x', THIEF)).toBe('GENERAL_ERROR');
  });

  it('compares no more than twenty of sixty at once, and tells no right one among the rest', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) => says(`at-once-${i}@example.com`, 'Summer2026!', THIEF)),
    );
    expect(answers.filter((status) => status === 'WRONG_CREDENTIALS_ERROR').length).toBeLessThanOrEqual(20);
    expect(new Set(answers)).toEqual(new Set(['WRONG_CREDENTIALS_ERROR', 'GENERAL_ERROR']));
  });

  it('is told to operators once, by the network it comes from, and keeps nobody’s address', async () => {
    const before = sprayed().length;
    await spray(THIEF);
    for (let i = 0; i < 5; i += 1) await says(`nobody-${i + 30}@example.com`, 'x', THIEF);
    const told = sprayed().slice(before);
    const fields = { tenantId: 'public', counter: 'signin-ip', network: '203.0.113.0/24' };
    expect(told).toEqual([{ level: 'error', event: 'accounts.sprayed', fields }]);
    expect(JSON.stringify([told, await itemsUnder(stepgate, 'LIMIT#signin-ip#')])).not.toMatch(/victim|nobody|\.66/);
  });
});

describe('SEC-12: one code for many accounts', () => {
  async function pending(email: string) {
    const { body } = await gateway(stepgate.app())('POST', '/auth/signinup/code', { body: { email }, ip: HOME });
    return body;
  }
  const consume = (device: { deviceId: string; preAuthSessionId: string }, userInputCode: string, ip: string) =>
    gateway(stepgate.app())('POST', '/auth/signinup/code/consume', {
      body: { deviceId: device.deviceId, preAuthSessionId: device.preAuthSessionId, userInputCode },
      ip,
    });

  it('stops at the twenty-first address of a first factor', async () => {
    const devices = [];
    for (let i = 0; i < 21; i += 1) {
      // Ten messages a minute from one address.
      if (i % 10 === 9) stepgate.clock.advance(60_000);
      devices.push(await pending(`coded-${i}@example.com`));
    }
    for (let i = 0; i < 20; i += 1) {
      const wrong = otherThan(stepgate.lastCode(`coded-${i}@example.com`));
      expect((await consume(devices[i], wrong, THIEF)).body.status).toBe('INCORRECT_USER_INPUT_CODE_ERROR');
    }
    const right = stepgate.lastCode('coded-20@example.com');
    expect((await consume(devices[20], right, THIEF)).body.status).toBe('GENERAL_ERROR');
    expect((await consume(devices[20], right, HOME)).body.status).toBe('OK');
  });
});
