// Five guesses per device are no limit where devices are free: many sessions opened in parallel found a code within
// an hour. So guesses are counted per user, over all devices. @see "AuthQuake" (Oasis, 2024); CVE-2026-9798

import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../support/browser.ts';
import { codeSent, EVERYBODY, fullySignedIn, guessWrong, halfway, signedIn } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

// Dozens of requests, one after the other.
vi.setConfig({ testTimeout: 60_000 });

const stepgate = useStepgate();
const MINUTE = 60_000;
beforeAll(() => stepgate.tenant('public', EVERYBODY));
beforeEach(() => stepgate.clock.freeze());

const locked = (minutes: number) => ({
  status: 'GENERAL_ERROR',
  message: `Too many attempts. Please try again in ${minutes} minutes.`,
});
const retryAfter = ({ headers }: Answer): number => Number(headers.get('retry-after'));

/** The right code, in a session of its own. */
async function tryRight(email: string): Promise<Answer> {
  const page = await signedIn(stepgate, email);
  const device = await codeSent(page, { email });
  return page.consume(device, stepgate.lastCode(email));
}

async function guess(email: string, times: number): Promise<void> {
  await guessWrong(stepgate, await signedIn(stepgate, email), email, times);
}

describe('SEC-05: guesses per user, over all devices', () => {
  it('locks after ten in a row, refuses the right code while locked, and opens after 15 minutes', async () => {
    const email = 'locked@example.com';
    await stepgate.user(email);
    await guess(email, 10);

    const refused = await tryRight(email);
    expect(refused).toMatchObject({ status: 200, body: locked(15) });
    expect(retryAfter(refused)).toBe(900);

    stepgate.clock.advance(15 * MINUTE - 1);
    expect(retryAfter(await tryRight(email))).toBe(1);
    stepgate.clock.advance(1);
    expect((await tryRight(email)).body.status).toBe('OK');
  });

  it('is not prolonged by what it refuses', async () => {
    const email = 'patient@example.com';
    await stepgate.user(email);
    await guess(email, 10);
    for (let minute = 0; minute < 14; minute += 1) {
      stepgate.clock.advance(MINUTE);
      expect(retryAfter(await tryRight(email))).toBe((14 - minute) * 60);
    }
    stepgate.clock.advance(MINUTE);
    expect((await tryRight(email)).body.status).toBe('OK');
  });

  it('doubles to 30 minutes, and begins anew after a right code', async () => {
    const email = 'doubles@example.com';
    await stepgate.user(email);
    await guess(email, 10);
    stepgate.clock.advance(15 * MINUTE);
    await guess(email, 10);
    expect((await tryRight(email)).body).toEqual(locked(30));
    stepgate.clock.advance(30 * MINUTE - 1_000);
    expect((await tryRight(email)).body.status).toBe('GENERAL_ERROR');
    stepgate.clock.advance(1_000);
    expect((await tryRight(email)).body.status).toBe('OK');

    await guess(email, 10);
    expect((await tryRight(email)).body).toEqual(locked(15));
  });

  it('is neither reset nor got round by the password: signing in again changes nothing', async () => {
    const email = 'password@example.com';
    await stepgate.user(email);
    await guess(email, 9);
    for (let i = 0; i < 3; i += 1) await stepgate.browser().signIn(email, PASSWORD);
    await guess(email, 1);
    expect((await tryRight(email)).body).toEqual(locked(15));
  });

  it('forgives nine wrong ones with a right one', async () => {
    const email = 'forgiven@example.com';
    await stepgate.user(email);
    await guess(email, 9);
    expect((await tryRight(email)).body.status).toBe('OK');
    await guess(email, 9);
    expect((await tryRight(email)).body.status).toBe('OK');
  });

  it('leaves other users alone, and the locked one’s sessions as they are', async () => {
    const email = 'attacked@example.com';
    const other = await halfway(stepgate, 'bystander@example.com');
    await stepgate.user(email);
    const inside = await fullySignedIn(stepgate, email);
    await guess(email, 10);

    expect((await other.page.consume(other.device, other.code)).body.status).toBe('OK');
    expect((await inside.me()).status).toBe(200);
    expect((await inside.refresh()).status).toBe(200);
  });

  it('disables the factor for good at a hundred in a row, and says so', async () => {
    const email = 'hundred@example.com';
    const userId = await stepgate.user(email);
    const { budgets } = stepgate.app();
    const budget = { scope: 'otp-user', tenantId: 'public', subject: userId } as const;
    for (let i = 0; i < 99; i += 1) {
      const claimed = await budgets.claim(budget, stepgate.clock.now());
      if (!claimed.allowed) throw new Error('a guess was refused');
      if (claimed.left === 0) stepgate.clock.advance(24 * 60 * MINUTE);
    }
    await guess(email, 1);
    stepgate.clock.advance(48 * 60 * MINUTE);
    const refused = await tryRight(email);
    expect(refused).toMatchObject({
      status: 200,
      body: {
        status: 'GENERAL_ERROR',
        message: 'This factor is disabled after too many attempts. Please contact support.',
      },
    });
    expect(refused.headers.get('retry-after')).toBeNull();
    expect((await tryRight(email)).body.status).toBe('GENERAL_ERROR');
  });
});
