// A number spelt in two ways must be one account and one counter, and no message may go where it only costs money.
// @see security.md §3.2

import { beforeAll, describe, expect, it } from 'vitest';
import { itemsUnder } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('public', {}));

const NUMBER = '+36301234567';

describe('SEC-60: phone numbers of a first factor', () => {
  it.each(['+36 (30) 123-4567', '0036301234567', '＋３６３０１２３４５６７', ' +36 30 123 4567 '])(
    '%s is the account and the counter of +36301234567',
    async (spelling) => {
      const enter = async (phoneNumber: string) => {
        const page = stepgate.browser();
        const { body } = await page.startCode({ phoneNumber });
        return (await page.enterCode(body, stepgate.lastCode(NUMBER))).body;
      };
      const first = await enter(NUMBER);
      const counters = (await itemsUnder(stepgate, 'LIMIT#sms-to-1#')).length;
      expect(await enter(spelling)).toMatchObject({ createdNewRecipeUser: false, user: { id: first.user.id } });
      expect(await itemsUnder(stepgate, 'LIMIT#sms-to-1#')).toHaveLength(counters);
      const query = new URLSearchParams({ phoneNumber: spelling }).toString();
      const exists = await stepgate.browser().get(`/auth/passwordless/phonenumber/exists?${query}`);
      expect(exists.body).toEqual({ status: 'OK', exists: true });
    },
  );

  it.each([
    ['an extension', '+36301234567 ext. 12'],
    ['a premium number', '+36 90 123 456'],
    ['a satellite', '+881612345678'],
    ['a short code', '12345'],
    ['a fixed line', '+3614567890'],
    ['no country', '06301234567'],
    ['letters', '+36 30 CALLME'],
  ])('sends nothing to %s', async (_, phoneNumber) => {
    const before = stepgate.aws.inbox().messages().length;
    expect((await stepgate.browser().startCode({ phoneNumber })).body).toEqual({
      status: 'GENERAL_ERROR',
      message: 'Phone number is invalid',
    });
    expect(stepgate.aws.inbox().messages()).toHaveLength(before);
  });
});
