// Text messages cost money that others may earn: bots ask for codes to numbers that pay them. So there are limits per
// number, address and country, and a sum a day that is never passed. @see "SMS pumping"; security.md §1.9

import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer, Browser } from '../support/browser.ts';
import { codeSent, everyItem, OPEN, otherThan, signedIn, startNewDay } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

// Dozens of requests, one after the other.
vi.setConfig({ testTimeout: 60_000 });

const stepgate = useStepgate({ config: { LIMIT_SCALE: '1', SMS_COUNTRIES: 'HU,DE' } });
const HOUR = 3_600_000;
const FRANCE = '+33612345678';
const GERMANY = '+4915112345678';
const AUSTRIA = '+436641234567';

beforeAll(async () => {
  await stepgate.tenant('public', OPEN);
  await stepgate.tenant('world', { ...OPEN, smsCountries: ['*'] });
  await stepgate.tenant('poor', { ...OPEN, smsDailyBudgetUsd: 0.3, smsPriceUsd: 0.1 });
  await stepgate.tenant('broke', { ...OPEN, smsDailyBudgetUsd: 0.05, smsPriceUsd: 0.1 });
  await stepgate.tenant('nothing', { ...OPEN, smsDailyBudgetUsd: 0 });
});
beforeEach(() => {
  startNewDay(stepgate);
  stepgate.aws.inbox().clear();
});

let made = 0;
async function member(tenantId?: string): Promise<Browser> {
  made += 1;
  const email = `member-${made}@example.com`;
  await stepgate.user(email, tenantId === undefined ? {} : { tenantId });
  return signedIn(stepgate, email, tenantId);
}

const number = (i: number): string => `+363012345${String(i).padStart(2, '0')}`;
const sent = () => stepgate.aws.inbox().messages().length;
const text = (page: Browser, phoneNumber: string) => page.sendCode({ phoneNumber });

const expectRefused = (answer: Answer, seconds: number | undefined) => {
  expect(answer).toMatchObject({ status: 200, body: { status: 'GENERAL_ERROR', message: expect.any(String) } });
  expect(answer.headers.get('retry-after')).toBe(seconds === undefined ? null : String(seconds));
};

describe('SEC-14: messages to one number', () => {
  it('are five an hour and ten a day, in whatever spelling', async () => {
    for (let hour = 0; hour < 2; hour += 1) {
      const page = await member();
      for (const spelling of ['+36301234567', '0036301234567', '+36 30 123 4567', '+36 (30) 123-4567']) {
        await codeSent(page, { phoneNumber: spelling });
      }
      await codeSent(await member(), { phoneNumber: '+36301234567' });
      expectRefused(await text(page, '+36301234567'), hour === 0 ? 3_599 : 23 * 3_600 - 1);
      stepgate.clock.advance(HOUR);
    }
    expectRefused(await text(await member(), '+36301234567'), 22 * 3_600 - 1);
    expect(sent()).toBe(10);
  });

  it('are five at most of twenty requests at once', async () => {
    const pages = await Promise.all([1, 2].map(() => member()));
    const answers = await Promise.all(pages.flatMap((page) => Array.from({ length: 10 }, () => text(page, number(1)))));
    expect(new Set(answers.map(({ body }) => body.status))).toEqual(new Set(['OK', 'GENERAL_ERROR']));
    expect(sent()).toBeLessThanOrEqual(5);
  });
});

describe('SEC-14: messages from one network address', () => {
  it('are twenty an hour, over all users and numbers', async () => {
    for (const tens of [0, 10]) {
      const page = await member();
      for (let i = 0; i < 10; i += 1) await codeSent(page, { phoneNumber: number(tens + i) });
    }
    const spoofed = { 'x-forwarded-for': '203.0.113.7', 'x-real-ip': '203.0.113.7', forwarded: 'for=203.0.113.7' };
    const page = await member();
    expectRefused(await text(page, number(30)), 3_599);
    const answer = await page.post(
      '/auth/signinup/code',
      { phoneNumber: number(31), shouldTryLinkingWithSessionUser: true },
      { headers: spoofed },
    );
    expectRefused(answer, 3_599);
    expect(sent()).toBe(20);
    stepgate.clock.advance(HOUR);
    await codeSent(await member(), { phoneNumber: number(30) });
  });

  it('go to three countries a day, and to a fourth not even when asked again', async () => {
    const page = await member('world');
    for (const phoneNumber of [number(1), GERMANY, AUSTRIA]) await codeSent(page, { phoneNumber });
    for (let i = 0; i < 3; i += 1) expectRefused(await text(page, FRANCE), 86_399);
    await codeSent(page, { phoneNumber: GERMANY });
    expect(sent()).toBe(4);
    stepgate.clock.advance(24 * HOUR);
    await codeSent(await member('world'), { phoneNumber: FRANCE });
  });

  it('go to three countries however many requests come at once', async () => {
    const countries = [number(1), GERMANY, AUSTRIA, FRANCE, '+447400123456', '+393471234567'];
    const pages = await Promise.all(countries.map(() => member('world')));
    await Promise.all(pages.flatMap((page, i) => [text(page, countries[i]!), text(page, countries[i]!)]));
    const reached = new Set(
      stepgate.aws
        .inbox()
        .messages()
        .map(({ to }) => to),
    );
    expect(reached.size).toBeGreaterThan(0);
    expect(reached.size).toBeLessThanOrEqual(3);
  });
});

describe('SEC-14: countries', () => {
  it('not on the list get nothing, and nothing is counted', async () => {
    const page = await member();
    const before = await everyItem(stepgate);
    expectRefused(await text(page, AUSTRIA), undefined);
    expect((await text(page, AUSTRIA)).body.message).toContain('cannot be sent to this country');
    expect(sent()).toBe(0);
    expect(await everyItem(stepgate)).toEqual(before);
    await codeSent(page, { phoneNumber: GERMANY });
  });
});

describe('SEC-14: a tenant’s money', () => {
  it('stops when the sum of the day is spent, for all its users and for nobody else', async () => {
    const page = await member('poor');
    for (let i = 0; i < 3; i += 1) await codeSent(page, { phoneNumber: number(i) });
    expectRefused(await text(page, number(4)), 86_399);
    expectRefused(await text(await member('poor'), number(5)), 86_399);
    expect(sent()).toBe(3);
    await codeSent(page, { email: 'still@example.com' });
    await codeSent(await member(), { phoneNumber: number(4) });
    stepgate.clock.advance(24 * HOUR);
    await codeSent(await member('poor'), { phoneNumber: number(4) });
  });

  it('is not passed by requests that come at once', async () => {
    const pages = await Promise.all([1, 2].map(() => member('poor')));
    await Promise.all(pages.flatMap((page, p) => [0, 1, 2, 3, 4].map((i) => text(page, number(p * 10 + i)))));
    expect(sent()).toBeGreaterThan(0);
    expect(sent()).toBeLessThanOrEqual(3);
  });

  it('is not eaten by messages that another limit refuses', async () => {
    const [page, other] = [await member('poor'), await member('poor')];
    for (let i = 0; i < 10; i += 1) await codeSent(page, { email: `mail-${i}@example.com` });
    for (let i = 0; i < 5; i += 1) expectRefused(await text(page, number(i)), 3_599);
    for (let i = 0; i < 3; i += 1) await codeSent(other, { phoneNumber: number(10 + i) });
  });

  it.each(['nothing', 'broke'])('sends nothing where one message costs more than the day’s sum (%s)', async (id) => {
    const page = await member(id);
    expectRefused(await text(page, number(1)), 86_399);
    expectRefused(await text(page, number(1)), 86_399);
    expect(sent()).toBe(0);
  });
});

it('SEC-14: what went out and what of it was used are counted, wherever the code was for', async () => {
  const counted = () =>
    ['sms.sent', 'sms.used'].map((name) => stepgate.logged.filter(({ event }) => event === name).length);
  await stepgate.tenant('phones', { ...OPEN, firstFactors: ['otp-phone'], contactMethod: 'PHONE' });
  stepgate.logged.splice(0);
  const page = await member();
  const device = await codeSent(page, { phoneNumber: number(40) });
  expect(counted()).toEqual([1, 0]);
  await page.consume(device, otherThan(stepgate.lastCode(number(40))));
  expect(counted()).toEqual([1, 0]);
  await page.consume(device, stepgate.lastCode(number(40)));
  expect(counted()).toEqual([1, 1]);

  const guest = stepgate.browser('header', 'phones');
  const { body: first } = await guest.post('/auth/phones/signinup/code', { phoneNumber: number(41) });
  const { deviceId, preAuthSessionId } = first;
  const proof = { deviceId, preAuthSessionId, userInputCode: stepgate.lastCode(number(41)) };
  expect((await guest.post('/auth/phones/signinup/code/consume', proof)).body.status).toBe('OK');
  expect(counted()).toEqual([2, 2]);
  expect(JSON.stringify(stepgate.logged)).not.toContain(number(41));
});
