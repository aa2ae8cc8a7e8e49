import { describe, expect, it } from 'vitest';
import { costOf } from '../../../shared/policies/cost.ts';

const prices = { emailUsd: 0.0001, smsUsd: 0.06, signInsPerUserPerDay: 0.5 };

describe('costOf', () => {
  it('counts messages and money per day, and money per 30 days', () => {
    expect(costOf({ email: 1_000, sms: 200 }, prices)).toEqual({
      messagesPerDay: { email: 500, sms: 100 },
      usdPerDay: { email: 0.05, sms: 6, total: 6.05 },
      usdPer30Days: 181.5,
    });
  });

  it('costs nothing where nothing is sent, nobody signs in, or nothing is asked for it', () => {
    expect(costOf({ email: 0, sms: 0 }, prices).usdPer30Days).toBe(0);
    expect(costOf({ email: 9, sms: 9 }, { ...prices, signInsPerUserPerDay: 0 }).usdPerDay.total).toBe(0);
    expect(costOf({ email: 9, sms: 9 }, { emailUsd: 0, smsUsd: 0, signInsPerUserPerDay: 3 })).toMatchObject({
      messagesPerDay: { email: 27, sms: 27 },
      usdPer30Days: 0,
    });
  });

  it('shows no dust of binary fractions', () => {
    expect(costOf({ email: 3, sms: 0 }, { ...prices, signInsPerUserPerDay: 0.1 }).messagesPerDay.email).toBe(0.3);
  });

  it.each([
    ['emailUsd', -1],
    ['smsUsd', Number.NaN],
    ['signInsPerUserPerDay', Number.POSITIVE_INFINITY],
  ])('refuses %s of %d', (name, value) => {
    expect(() => costOf({ email: 1, sms: 1 }, { ...prices, [name]: value })).toThrow(name);
  });
});
