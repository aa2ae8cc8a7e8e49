// However many prove one address at the same time, it is one account; and what it was once linked to, it is not taken
// from. @see security.md §3.8

import { beforeAll, describe, expect, it } from 'vitest';
import { codeSent, itemsUnder, OPEN, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
beforeAll(async () => {
  await stepgate.tenant('public', { flowType: 'USER_INPUT_CODE_AND_MAGIC_LINK' });
  await stepgate.tenant('t2', {});
});

const lookupsOf = async (userId: string) =>
  (await itemsUnder(stepgate, 'LOOKUP#')).filter((item) => item['userId'] === userId);

describe('SEC-77: signing up by code', () => {
  it('gives one of twenty parallel calls with one code the account', async () => {
    const email = 'twenty@example.com';
    const page = stepgate.browser();
    const { body: device } = await page.startCode({ email });
    const [code, link] = [stepgate.lastCode(email), stepgate.lastLink(email)];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => {
        const tab = stepgate.browser();
        return i % 4 === 0 ? tab.enterCode(device, code) : tab.enterLink(link);
      }),
    );
    const made = answers.filter(({ body }) => body.status === 'OK');
    expect(made).toHaveLength(1);
    const others = answers.filter(({ body }) => body.status !== 'OK').map(({ status, body }) => [status, body.status]);
    expect(new Set(others.map(String))).toEqual(new Set(['200,RESTART_FLOW_ERROR']));
    expect(await lookupsOf(made[0]!.body.user.id)).toHaveLength(1);
  });

  it('makes one account of three devices and three spellings, and lets all three in', async () => {
    const email = 'spelt@example.com';
    const spellings = [email, email.toUpperCase(), ` Spelt@Example.com `];
    stepgate.clock.freeze();
    const pages = await Promise.all(
      spellings.map(async (spelling) => {
        const page = stepgate.browser();
        const { body } = await page.startCode({ email: spelling });
        const sent = stepgate.aws.inbox().messages(email);
        return { page, link: sent.find(({ preAuthSessionId }) => preAuthSessionId === body.preAuthSessionId)!.link! };
      }),
    );
    const answers = await Promise.all(pages.map(({ page, link }) => page.enterLink(link)));
    const entered = answers.filter(({ body }) => body.status === 'OK');
    expect(entered.length).toBeGreaterThan(0);
    expect(new Set(entered.map(({ body }) => body.user.id)).size).toBe(1);
    expect(entered.filter(({ body }) => body.createdNewRecipeUser)).toHaveLength(1);
    expect(answers.every(({ body }) => ['OK', 'RESTART_FLOW_ERROR'].includes(body.status))).toBe(true);
    expect(await lookupsOf(entered[0]!.body.user.id)).toHaveLength(1);
  });

  it('is another account at another tenant, and a code of one is none of the other', async () => {
    const email = 'twice@example.com';
    const here = stepgate.browser();
    const there = stepgate.browser('header', 't2');
    const { body: device } = await here.startCode({ email });
    expect((await there.enterCode(device, stepgate.lastCode(email))).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    expect((await there.enterLink(stepgate.lastLink(email))).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    const one = await here.enterCode(device, stepgate.lastCode(email));
    const other = await there.enterCode((await there.startCode({ email })).body, stepgate.lastCode(email));
    expect(one.body.status).toBe('OK');
    expect(other.body).toMatchObject({ status: 'OK', createdNewRecipeUser: true, user: { tenantIds: ['t2'] } });
    expect(other.body.user.id).not.toBe(one.body.user.id);
  });

  it('is possible again as soon as the account is removed', async () => {
    const email = 'again@example.com';
    const enter = async () => {
      stepgate.clock.advance(1_000);
      const page = stepgate.browser();
      await page.startCode({ email });
      return (await page.enterLink(stepgate.lastLink(email))).body;
    };
    const { user } = await enter();
    const { users, userAdmin } = stepgate.app();
    await userAdmin.remove((await users.load(user.id))!);
    expect(await enter()).toMatchObject({ status: 'OK', createdNewRecipeUser: true });
  });
});

describe('SEC-74: an address that has an account', () => {
  it('is proved by one of two who sign up and link it at the same time, and the other is told so', async () => {
    const phoneNumber = '+36301234567';
    await stepgate.tenant('public', OPEN);
    await stepgate.user('links@example.com');
    const member = await signedIn(stepgate, 'links@example.com');
    const device = await codeSent(member, { phoneNumber });
    const memberCode = stepgate.lastCode(phoneNumber);
    const page = stepgate.browser();
    const { body: own } = await page.startCode({ phoneNumber });
    const ownCode = stepgate.lastCode(phoneNumber);
    const [linked, signedUp] = await Promise.all([member.consume(device, memberCode), page.enterCode(own, ownCode)]);
    expect(signedUp.body.status).toBe('OK');
    const owner = signedUp.body.user.id;
    if (linked.body.status === 'OK') {
      expect(owner).toBe(linked.body.user.id);
    } else {
      expect(linked.body).toMatchObject({ status: 'SIGN_IN_UP_NOT_ALLOWED' });
      expect(signedUp.body.createdNewRecipeUser).toBe(true);
    }
    expect((await stepgate.app().users.byContact('passwordless:phone', 'public', phoneNumber))?.userId).toBe(owner);
  });

  it('signs in to the account it is linked to, with everything that account has', async () => {
    const email = 'linked@example.com';
    await stepgate.tenant('public', OPEN);
    const userId = await stepgate.user(email, { roles: ['editor'] });
    const member = await signedIn(stepgate, email);
    await member.consume(await codeSent(member, { email }), stepgate.lastCode(email));
    const page = stepgate.browser();
    const { body } = await page.enterCode((await page.startCode({ email })).body, stepgate.lastCode(email));
    expect(body).toMatchObject({
      status: 'OK',
      createdNewRecipeUser: false,
      user: { id: userId, isPrimaryUser: true },
    });
    expect((await page.me()).body).toMatchObject({ userId, roles: ['editor'] });
  });
});
