// Promise: at most 5 guesses per device and 10 per user are ever compared, however many requests run at once. Why it
// matters: a count that is read, compared and written back is a count that parallel guesses walk past (GHSA-44jh).

import { beforeAll, describe, expect, it, vi } from 'vitest';
import { budgetKey } from '../../shared/dynamo/budgets.ts';
import type { Answer, Browser, Device } from '../support/browser.ts';
import { codeSent, EVERYBODY, everyItem, halfway, itemsUnder, otherThan, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

// Hundreds of requests at once.
vi.setConfig({ testTimeout: 60_000 });

const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('public', EVERYBODY));

/** Guesses that were claimed for a comparison and not given back. */
async function compared(userId: string): Promise<number> {
  const { pk } = await budgetKey(stepgate.app().keys, { scope: 'otp-user', tenantId: 'public', subject: userId });
  return Number((await everyItem(stepgate)).find((item) => item['pk'] === pk)?.['consecutive'] ?? 0);
}

const count = (answers: readonly Answer[], status: string): number =>
  answers.filter(({ body }) => body.status === status).length;

describe('200 parallel guesses at one device', () => {
  it('have 5 compared', async () => {
    const { userId, page, device, code } = await halfway(stepgate, 'device@example.com');
    const answers = await Promise.all(Array.from({ length: 200 }, () => page.consume(device, otherThan(code))));

    expect(await compared(userId)).toBeLessThanOrEqual(5);
    expect((await itemsUnder(stepgate, 'OTP#')).map(({ attempts }) => attempts)).toEqual([5]);
    expect(count(answers, 'OK')).toBe(0);
    const told = answers
      .filter(({ body }) => body.status === 'INCORRECT_USER_INPUT_CODE_ERROR')
      .map(({ body }) => Number(body.failedCodeInputAttemptCount));
    // Each number at most once, and never the fifth: that one says to begin again.
    expect(new Set(told).size).toBe(told.length);
    expect([1, 2, 3, 4]).toEqual(expect.arrayContaining(told));
    expect(count(answers, 'RESTART_FLOW_ERROR')).toBeGreaterThan(100);
    expect((await page.consume(device, code)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
  });

  it('are not helped by the right code among them, once five wrong ones are counted', async () => {
    const { userId, page, device, code } = await halfway(stepgate, 'among@example.com');
    await Promise.all(Array.from({ length: 5 }, () => page.consume(device, otherThan(code))));
    const answers = await Promise.all(Array.from({ length: 50 }, () => page.consume(device, code)));
    expect(count(answers, 'OK')).toBe(0);
    expect(await compared(userId)).toBeLessThanOrEqual(5);
  });
});

describe('parallel guesses of one user over many devices', () => {
  it('have 10 compared over three sessions, and lock the user', async () => {
    const email = 'user@example.com';
    const userId = await stepgate.user(email);
    const doors: { page: Browser; device: Device }[] = [];
    for (let i = 0; i < 3; i += 1) {
      stepgate.clock.advance(1_000);
      const page = await signedIn(stepgate, email);
      doors.push({ page, device: await codeSent(page, { email }) });
    }
    // No code of the three, whatever they are: a code has six digits.
    const answers = await Promise.all(
      doors.flatMap(({ page, device }) => Array.from({ length: 40 }, () => page.consume(device, 'x'))),
    );
    expect(await compared(userId)).toBe(10);
    expect(count(answers, 'OK')).toBe(0);
    expect(count(answers, 'INCORRECT_USER_INPUT_CODE_ERROR')).toBeLessThanOrEqual(10);

    const [{ page }] = doors as [{ page: Browser }];
    stepgate.clock.advance(1_000);
    const device = await codeSent(page, { email });
    const refused = await page.consume(device, stepgate.lastCode(email));
    expect(refused.body.status).toBe('GENERAL_ERROR');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(890);
  });

  it('have 10 compared even where right and wrong ones come together', async () => {
    const email = 'mixed@example.com';
    const userId = await stepgate.user(email);
    const { budgets } = stepgate.app();
    const budget = { scope: 'otp-user', tenantId: 'public', subject: userId } as const;
    for (let i = 0; i < 9; i += 1) await budgets.claim(budget, stepgate.clock.now());
    const page = await signedIn(stepgate, email);
    const device = await codeSent(page, { email });
    const wrong = otherThan(stepgate.lastCode(email));
    const answers = await Promise.all(Array.from({ length: 20 }, () => page.consume(device, wrong)));
    expect(count(answers, 'INCORRECT_USER_INPUT_CODE_ERROR')).toBeLessThanOrEqual(1);
    expect(await compared(userId)).toBe(10);
  });
});
