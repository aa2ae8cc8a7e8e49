// A first factor by code asks for no password first: anybody may send and guess. Whatever outsiders use up is counted
// apart from second factors, so that nobody is locked out of an account by a stranger. @see security.md §3.4

import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Browser, Device } from '../support/browser.ts';
import { codeSent, EVERYBODY, otherThan, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('public', EVERYBODY));
beforeEach(() => stepgate.clock.freeze());

async function started(page: Browser, email: string): Promise<Device & { flowType: string }> {
  const { body } = await page.startCode({ email });
  expect(body.status).toBe('OK');
  return body;
}

/** Uses up the address's ten guesses on two devices. */
async function lock(email: string): Promise<void> {
  const outsider = stepgate.browser();
  for (let i = 0; i < 2; i += 1) {
    stepgate.clock.advance(1_000);
    const device = await started(outsider, email);
    for (let guess = 0; guess < 5; guess += 1) await outsider.enterCode(device, otherThan(stepgate.lastCode(email)));
  }
}

describe('SEC-35: wrong codes of a first factor', () => {
  it.each([
    ['an account', true],
    ['nobody', false],
  ])('are counted over all devices of an address that belongs to %s, with the same answers', async (who, known) => {
    const email = `counted-${known}@example.com`;
    if (known) await stepgate.user(email);
    const page = stepgate.browser();
    const device = await started(page, email);
    const seen = [];
    for (let i = 0; i < 6; i += 1) seen.push((await page.enterCode(device, otherThan(stepgate.lastCode(email)))).body);
    expect(seen.slice(0, 4)).toEqual(
      [1, 2, 3, 4].map((count) => ({
        status: 'INCORRECT_USER_INPUT_CODE_ERROR',
        failedCodeInputAttemptCount: count,
        maximumCodeInputAttempts: 5,
      })),
    );
    expect(seen.slice(4)).toEqual([{ status: 'RESTART_FLOW_ERROR' }, { status: 'RESTART_FLOW_ERROR' }]);
    stepgate.clock.advance(1_000);
    const second = await started(page, email);
    const third = await started(page, email);
    const code = stepgate.lastCode(email);
    for (let i = 0; i < 5; i += 1) await page.enterCode(second, '0');
    const locked = await page.enterCode(third, code);
    expect(locked, who).toMatchObject({ status: 200, body: { status: 'GENERAL_ERROR' } });
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(890);
  });

  it('lock no second factor of the address’s owner, and no password', async () => {
    const email = 'owner@example.com';
    await stepgate.user(email);
    await lock(email);
    const owner = await signedIn(stepgate, email);
    const own = await codeSent(owner, { email });
    expect((await owner.consume(own, stepgate.lastCode(email))).body.status).toBe('OK');
    expect((await owner.me()).status).toBe(200);
  });

  it('are not counted against the owner by wrong codes of a second factor, either', async () => {
    const email = 'other-way@example.com';
    const userId = await stepgate.user(email);
    const { budgets } = stepgate.app();
    const budget = { scope: 'otp-user', tenantId: 'public', subject: userId } as const;
    for (let i = 0; i < 10; i += 1) await budgets.claim(budget, stepgate.clock.now());
    const page = stepgate.browser();
    const device = await started(page, email);
    expect((await page.enterCode(device, stepgate.lastCode(email))).body.status).toBe('OK');
  });

  it('leave the owner a link, while codes are locked and after', async () => {
    const email = 'link-instead@example.com';
    await lock(email);
    const page = stepgate.browser();
    expect((await started(page, email)).flowType).toBe('MAGIC_LINK');
    expect(stepgate.lastMessage(email)?.code).toBeUndefined();
    expect((await page.enterLink(stepgate.lastLink(email))).body.status).toBe('OK');
    expect(page.claims().firstFactor).toBe('otp-email');
    stepgate.clock.advance(1_000);
    expect((await started(page, email)).flowType).toBe('USER_INPUT_CODE');
  });

  it('never switch an address off for good: after a hundred there are links', async () => {
    const email = 'hundred@example.com';
    const { budgets } = stepgate.app();
    const budget = { scope: 'otp1-to', tenantId: 'public', subject: email } as const;
    for (let i = 0; i < 10; i += 1) {
      for (let guess = 0; guess < 10; guess += 1) await budgets.claim(budget, stepgate.clock.now());
      stepgate.clock.advance(24 * 3_600_000);
    }
    expect(await budgets.claim(budget, stepgate.clock.now())).toEqual({ allowed: false, reason: 'disabled' });
    const page = stepgate.browser();
    expect((await started(page, email)).flowType).toBe('MAGIC_LINK');
    expect((await page.enterLink(stepgate.lastLink(email))).body.status).toBe('OK');
  });

  it('are counted by whom they come from, whomever they are for', async () => {
    const page = stepgate.browser();
    stepgate.clock.advance(600_000);
    const device = await started(page, 'spread@example.com');
    const { limits } = stepgate.app();
    const { wrongFirstCodesPerIp } = await import('../../shared/limits.ts');
    for (let i = 0; i < 50; i += 1) await limits.spend(wrongFirstCodesPerIp('127.0.0.1'), stepgate.clock.now());
    const code = stepgate.lastCode('spread@example.com');
    expect((await page.enterCode(device, code)).body.status).toBe('GENERAL_ERROR');
    stepgate.clock.advance(600_000 - 1_000);
    expect((await page.enterCode(device, code)).body.status).not.toBe('GENERAL_ERROR');
  });
});

describe('SEC-35: messages of a first factor', () => {
  it('use up nothing that a second factor needs', async () => {
    const email = 'flooded@example.com';
    await stepgate.user(email);
    const { emailsTo, asFirstFactor } = await import('../../shared/limits.ts');
    const { limits } = stepgate.app();
    const limit = asFirstFactor(emailsTo('public', email, 20));
    for (let i = 0; i < 200; i += 1) await limits.spend(limit, stepgate.clock.now());
    expect((await stepgate.browser().startCode({ email })).body.status).toBe('GENERAL_ERROR');
    await codeSent(await signedIn(stepgate, email), { email });
  });

  it('by text message leave half of the day’s money to second factors', async () => {
    await stepgate.tenant('public', {
      smsDailyBudgetUsd: 0.4,
      smsPriceUsd: 0.1,
      firstEnrolment: 'open',
      mfaPolicy: { rules: [] },
    });
    await stepgate.user('phone@example.com');
    const page = await signedIn(stepgate, 'phone@example.com');
    const ask = async (phoneNumber: string) => (await stepgate.browser().startCode({ phoneNumber })).body.status;
    expect(await ask('+36301111111')).toBe('OK');
    expect(await ask('+36301111112')).toBe('OK');
    expect(await ask('+36301111113')).toBe('GENERAL_ERROR');
    await codeSent(page, { phoneNumber: '+36301111114' });
  });
});
