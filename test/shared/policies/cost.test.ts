import { describe, expect, it } from 'vitest';
import { costOf, type Messages } from '../../../shared/policies/cost.ts';

const prices = { emailUsd: 0.0001, smsUsd: 0.06, signInsPerUserPerDay: 0.5, rememberedPercent: 0 };
const NOTHING: Messages = { email: 0, sms: 0, smsSegments: 0 };
const once = (email: number, sms: number, smsSegments = sms) => ({ email, sms, smsSegments });
const sent = (otpMessages: Messages, otpMessagesRemembered = NOTHING) => ({ otpMessages, otpMessagesRemembered });

describe('costOf', () => {
  it('counts messages and money per day, and money per 30 days', () => {
    expect(costOf(sent(once(1_000, 200)), prices)).toEqual({
      messagesPerDay: { email: 500, sms: 100, smsSegments: 100 },
      usdPerDay: { email: 0.05, sms: 6, total: 6.05 },
      usdPer30Days: 181.5,
    });
  });

  it('pays for every part of a long text message', () => {
    expect(costOf(sent(once(0, 200, 350)), { ...prices, signInsPerUserPerDay: 2 })).toEqual({
      messagesPerDay: { email: 0, sms: 400, smsSegments: 700 },
      usdPerDay: { email: 0, sms: 42, total: 42 },
      usdPer30Days: 1_260,
    });
  });

  it('pays on remembered devices for what is sent there alone', () => {
    const of = sent(once(1_000, 200, 400), once(100, 0));
    expect(costOf(of, { ...prices, signInsPerUserPerDay: 1, rememberedPercent: 75 })).toEqual({
      messagesPerDay: { email: 325, sms: 50, smsSegments: 100 },
      usdPerDay: { email: 0.0325, sms: 6, total: 6.0325 },
      usdPer30Days: 180.975,
    });
    expect(costOf(of, { ...prices, signInsPerUserPerDay: 1, rememberedPercent: 100 }).usdPerDay).toEqual({
      email: 0.01,
      sms: 0,
      total: 0.01,
    });
  });

  it('costs nothing where nothing is sent, nobody signs in, or nothing is asked for it', () => {
    expect(costOf(sent(NOTHING), prices).usdPer30Days).toBe(0);
    expect(costOf(sent(once(9, 9)), { ...prices, signInsPerUserPerDay: 0 }).usdPerDay.total).toBe(0);
    const free = { ...prices, emailUsd: 0, smsUsd: 0, signInsPerUserPerDay: 3 };
    expect(costOf(sent(once(9, 9)), free)).toMatchObject({ messagesPerDay: { email: 27, sms: 27 }, usdPer30Days: 0 });
  });

  it('shows no dust of binary fractions', () => {
    expect(costOf(sent(once(3, 0)), { ...prices, signInsPerUserPerDay: 0.1 }).messagesPerDay.email).toBe(0.3);
  });

  it.each([
    ['emailUsd', -1],
    ['smsUsd', Number.NaN],
    ['signInsPerUserPerDay', Number.POSITIVE_INFINITY],
    ['rememberedPercent', -1],
    ['rememberedPercent', 100.5],
  ])('refuses %s of %d', (name, value) => {
    expect(() => costOf(sent(once(1, 1)), { ...prices, [name]: value })).toThrow(name);
  });
});
