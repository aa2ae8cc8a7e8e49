/**
 * wire.md §13.3, the whole table: whose an address becomes when a code proves it, and whose it stays.
 *
 * Differences that are ours: a refused link leaves the code unused and no orphan account (T24; the reference uses the
 * code up and keeps an unlinked user), and 019 is told after the code was checked, not before.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from '../support/browser.ts';
import { MODES, useFrontDoors } from '../support/front-doors.ts';
import { codeSent, everyItem, OPEN } from '../support/otp.ts';
import { PASSWORD } from '../support/stepgate.ts';
import { passCode } from '../journeys/steps.ts';

const stepgate = useFrontDoors();

const notAllowed = (code: string) => ({
  status: 'SIGN_IN_UP_NOT_ALLOWED',
  reason: `Cannot sign in / up due to security reasons. Please contact support. (${code})`,
});

// The reference's own callback and rules: any address may be linked, unless it is another primary user's.
beforeAll(() => stepgate.tenant('public', OPEN));

/** What linking writes: methods, and who holds which contact. */
const links = async () =>
  (await everyItem(stepgate)).filter(
    ({ pk, sk }) => String(pk).startsWith('LOOKUP#') || /^(LOGIN#|PROFILE)/.test(String(sk)),
  );

const methodsOf = async (userId: string) =>
  (await stepgate.app().users.load(userId))?.loginMethods.map(
    ({ recipeId, email, phoneNumber }) => `${recipeId} ${email ?? phoneNumber}`,
  );

describe.each(MODES)('§13.3 (%s mode)', (mode) => {
  const address = (name: string) => `${name}-${mode}@example.com`;

  async function member(name: string) {
    const email = address(name);
    const userId = await stepgate.user(email);
    const page = stepgate.page(mode);
    await page.signIn(email, PASSWORD);
    return { userId, email, page };
  }
  const link = (page: Browser, email: string) => {
    stepgate.clock.advance(1_000);
    return passCode(stepgate, page, { email });
  };

  it('nobody else has the address: linked, the same session goes on, the user becomes primary and keeps its id', async () => {
    const { userId, email, page } = await member('free');
    const { sessionHandle } = page.claims();
    expect((await link(page, address('free-work'))).body).toMatchObject({
      status: 'OK',
      createdNewRecipeUser: true,
      user: { id: userId, isPrimaryUser: true, emails: [email, address('free-work')] },
    });
    expect(page.claims()).toMatchObject({ sub: userId, rsub: expect.any(String), sessionHandle });
    expect(page.claims()['st-mfa'].c).toHaveProperty('otp-email');
  });

  it('only the session user has it: linked once, and verified in both methods', async () => {
    const { userId, email, page } = await member('own');
    const first = await link(page, email);
    expect(first.body).toMatchObject({ status: 'OK', createdNewRecipeUser: true, user: { emails: [email] } });
    expect(first.body.user.loginMethods.map(({ verified }: { verified: boolean }) => verified)).toEqual([true, true]);
    const before = await links();
    expect((await link(page, email)).body).toMatchObject({ status: 'OK', createdNewRecipeUser: false });
    expect(await links()).toEqual(before);
    expect(await methodsOf(userId)).toEqual([`emailpassword ${email}`, `passwordless ${email}`]);
  });

  it('another user who is not primary has it: linked, and the other keeps it to sign in with', async () => {
    const other = await member('shared');
    const { userId, page } = await member('links');
    expect((await link(page, other.email)).body).toMatchObject({ status: 'OK', createdNewRecipeUser: true });
    expect(await methodsOf(userId)).toContain(`passwordless ${other.email}`);
    expect(await methodsOf(other.userId)).toEqual([`emailpassword ${other.email}`]);
    const again = stepgate.page(mode);
    await again.signIn(other.email, PASSWORD);
    expect(again.claims().sub).toBe(other.userId);
    expect((await other.page.me()).status).toBe(200);
  });

  it('another primary user signs in with it: the code is sent, and 018', async () => {
    const other = await member('primary');
    const phoneNumber = mode === 'cookie' ? '+36301234567' : '+36301234568';
    await passCode(stepgate, other.page, { phoneNumber });
    const { userId, email, page } = await member('wants-018');
    const before = await links();
    expect(await link(page, other.email)).toMatchObject({
      status: 200,
      body: notAllowed('ERR_CODE_018'),
      setCookies: [],
    });
    expect(await links()).toEqual(before);
    expect(await methodsOf(userId)).toEqual([`emailpassword ${email}`]);
    expect((await passCode(stepgate, page, { phoneNumber })).body).toEqual(notAllowed('ERR_CODE_017'));
  });

  it('another primary user proved it: 017', async () => {
    const other = await member('proved');
    await link(other.page, other.email);
    const { page } = await member('wants-017');
    const before = await links();
    const answer = await link(page, other.email);
    expect(answer.body).toEqual(notAllowed('ERR_CODE_017'));
    expect(answer.headers.get('front-token')).toBeNull();
    expect(await links()).toEqual(before);
  });

  it('the session user’s own address is another primary user’s: codes are sent, and 019 for any address', async () => {
    const { userId, email, page } = await member('taken');
    const taker = await member('taker');
    await link(taker.page, email);
    const before = await links();
    expect((await link(page, address('elsewhere'))).body).toEqual(notAllowed('ERR_CODE_019'));
    expect((await link(page, email)).body).toEqual(notAllowed('ERR_CODE_019'));
    expect(await links()).toEqual(before);
    expect(await stepgate.app().users.load(userId)).toMatchObject({ isPrimary: false, version: 0 });
  });

  it('ours: a refused link leaves the code good for when the conflict is gone, and the session as it was', async () => {
    const other = await member('leaves');
    await link(other.page, other.email);
    const { userId, page } = await member('waits');
    stepgate.clock.advance(1_000);
    const device = await codeSent(page, { email: other.email });
    const code = stepgate.lastCode(other.email);
    expect((await page.consume(device, code)).body).toEqual(notAllowed('ERR_CODE_017'));
    expect(page.claims()['st-mfa'].c).toEqual({ emailpassword: expect.any(Number) });
    expect((await page.refresh()).status).toBe(200);

    expect((await stepgate.browser().delete(`/admin/users/${other.userId}`)).body.status).toBe('OK');
    expect((await page.consume(device, code)).body).toMatchObject({ status: 'OK', user: { id: userId } });
    expect(await methodsOf(userId)).toContain(`passwordless ${other.email}`);
  });
});
