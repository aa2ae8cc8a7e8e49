// Every code that is sent is a mail in somebody's inbox. Who asks too often is told when to come back, and nothing
// leaves, however the address is spelled and however many requests come at once. @see Logto #9048; security.md §1.9

import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../support/browser.ts';
import { codeSent, EVERYBODY, OPEN, signedIn, startNewDay } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

// Dozens of requests, one after the other.
vi.setConfig({ testTimeout: 60_000 });

const stepgate = useStepgate({ config: { LIMIT_SCALE: '1' } });
const HOUR = 3_600_000;

beforeAll(async () => {
  await stepgate.tenant('public', OPEN);
  await stepgate.tenant('asks', EVERYBODY);
});
beforeEach(() => {
  startNewDay(stepgate);
  stepgate.aws.inbox().clear();
});

/** Waits to the second that a fixed window of a day or an hour has left, the clock standing 1 s into it. */
const expectRefused = (answer: Answer, seconds: number) => {
  expect(answer).toMatchObject({
    status: 200,
    body: { status: 'GENERAL_ERROR', message: expect.stringContaining('Too many codes were requested.') },
  });
  expect(Object.keys(answer.body)).toEqual(['status', 'message']);
  expect(Number(answer.headers.get('retry-after'))).toBe(seconds);
};

async function member(email: string) {
  await stepgate.user(email);
  return signedIn(stepgate, email);
}

const sent = () => stepgate.aws.inbox().messages().length;

describe('SEC-13: mails to one address', () => {
  it.each([
    ['a tag', 'target@example.com', 'target+shop@example.com'],
    ['Gmail’s dots', 'tar.get@gmail.com', 'TARGET@googlemail.com'],
  ])('are ten an hour, whoever asks and whatever the spelling (%s)', async (about, one, other) => {
    const a = await member(`a-${about.length}@example.com`);
    const b = await member(`b-${about.length}@example.com`);
    for (let i = 0; i < 6; i += 1) await codeSent(a, { email: one });
    for (let i = 0; i < 4; i += 1) await codeSent(b, { email: other });
    expect(sent()).toBe(10);
    expectRefused(await b.sendCode({ email: other }), 3_599);
    expectRefused(await a.sendCode({ email: one }), 3_599);
    expect(sent()).toBe(10);

    stepgate.clock.advance(HOUR);
    await codeSent(await signedIn(stepgate, `a-${about.length}@example.com`), { email: one });
  });

  it('are thirty a day', async () => {
    for (let hour = 0; hour < 3; hour += 1) {
      const page = await member(`day-${hour}@example.com`);
      for (let i = 0; i < 10; i += 1) await codeSent(page, { email: 'daily@example.com' });
      stepgate.clock.advance(HOUR);
    }
    const page = await member('day-3@example.com');
    expectRefused(await page.sendCode({ email: 'daily@example.com' }), 21 * 3_600 - 1);
    expect(sent()).toBe(30);
    await codeSent(page, { email: 'another@example.com' });
  });

  it('are ten at most of forty requests at once', async () => {
    const pages = await Promise.all([1, 2, 3, 4].map((i) => member(`parallel-${i}@example.com`)));
    const answers = await Promise.all(
      pages.flatMap((page) => Array.from({ length: 10 }, () => page.sendCode({ email: 'burst@example.com' }))),
    );
    expect(new Set(answers.map(({ body }) => body.status))).toEqual(new Set(['OK', 'GENERAL_ERROR']));
    expect(sent()).toBeLessThanOrEqual(10);
  });
});

describe('SEC-13: codes for one user', () => {
  it('are ten an hour, over all addresses', async () => {
    const page = await member('busy@example.com');
    for (let i = 0; i < 5; i += 1) {
      await codeSent(page, { email: `one-${i}@example.com` });
      await codeSent(page, { phoneNumber: `+3630123456${i}` });
    }
    expectRefused(await page.sendCode({ email: 'eleventh@example.com' }), 3_599);
    expectRefused(await page.sendCode({ phoneNumber: '+36301234569' }), 3_599);
    expect(sent()).toBe(10);
    await codeSent(await member('idle@example.com'), { email: 'eleventh@example.com' });
  });
});

describe('SEC-13: the same code again', () => {
  /** A half-way session with a code, on the tenant that asks everybody. */
  async function waiting(email: string) {
    await stepgate.user(email, { tenantId: 'asks' });
    const page = await signedIn(stepgate, email, 'asks');
    return { page, device: await codeSent(page, { email }), code: stepgate.lastCode(email) };
  }

  it('is sent 30 seconds after the last at the earliest; until then the last stays good', async () => {
    const { page, device, code } = await waiting('again@example.com');
    stepgate.clock.advance(29_000);
    const refused = await page.resendCode(device);
    expect(refused.body).toMatchObject({ status: 'GENERAL_ERROR', message: expect.stringContaining('1 seconds') });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(sent()).toBe(1);
    expect((await page.consume(device, code)).body.status).toBe('OK');
  });

  it('is sent once to ten requests at once', async () => {
    const { page, device } = await waiting('ten@example.com');
    stepgate.clock.advance(30_000);
    const answers = await Promise.all(Array.from({ length: 10 }, () => page.resendCode(device)));
    expect(answers.filter(({ body }) => body.status === 'OK')).toHaveLength(1);
    expect(answers.filter(({ body }) => body.status === 'GENERAL_ERROR')).toHaveLength(9);
    expect(sent()).toBe(2);
    expect((await page.consume(device, stepgate.lastCode('ten@example.com'))).body.status).toBe('OK');
  });

  it('counts like any other mail to the address', async () => {
    const { page, device } = await waiting('counts@example.com');
    for (let i = 0; i < 9; i += 1) {
      stepgate.clock.advance(30_000);
      expect((await page.resendCode(device)).body).toEqual({ status: 'OK' });
    }
    stepgate.clock.advance(30_000);
    expectRefused(await page.resendCode(device), 3_599 - 300);
    expectRefused(await page.sendCode({ email: 'counts@example.com' }), 3_599 - 300);
    expect(sent()).toBe(10);
    const newest = stepgate.lastCode('counts@example.com');
    expect((await page.consume(device, newest)).body.status).toBe('OK');
  });
});
