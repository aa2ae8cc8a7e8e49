import { beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Browser } from '../support/browser.ts';
import { codeSent, everyItem, itemsUnder, OPEN, proveEmail, provePhone, signedIn } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

/** Whose an address becomes when a code proves it, and whose it stays. @see wire.md §13.3 */

const stepgate = useStepgate();

// The reference's own callback and rules: any address may be linked, unless it is another primary user's.
beforeAll(() => stepgate.tenant('public', OPEN));

const notAllowed = (code: string) => ({
  status: 'SIGN_IN_UP_NOT_ALLOWED',
  reason: `Cannot sign in / up due to security reasons. Please contact support. (${code})`,
});

async function member(email: string) {
  const userId = await stepgate.user(email);
  return { userId, email, page: await signedIn(stepgate, email) };
}

async function link(page: Browser, email: string): Promise<Answer> {
  stepgate.clock.advance(1_000);
  return page.consume(await codeSent(page, { email }), stepgate.lastCode(email));
}

const methodsOf = async (userId: string) =>
  (await stepgate.app().users.load(userId))?.loginMethods.map(
    ({ recipeId, email, phoneNumber }) => `${recipeId} ${email ?? phoneNumber}`,
  );

/** What linking writes: methods, and who holds which contact. */
const links = async () =>
  (await everyItem(stepgate)).filter(
    ({ pk, sk }) => String(pk).startsWith('LOOKUP#') || /^(LOGIN#|PROFILE)/.test(String(sk)),
  );

describe('an address that nobody else has', () => {
  it('becomes the user’s: the own one, and any other', async () => {
    const { userId, page } = await member('own@example.com');
    expect((await link(page, 'own@example.com')).body).toMatchObject({
      status: 'OK',
      createdNewRecipeUser: true,
      user: { id: userId, isPrimaryUser: true, emails: ['own@example.com'] },
    });
    expect((await link(page, 'work@example.com')).body).toMatchObject({
      status: 'OK',
      createdNewRecipeUser: true,
      user: { id: userId, emails: ['own@example.com', 'work@example.com'] },
    });
    expect(await methodsOf(userId)).toEqual([
      'emailpassword own@example.com',
      'passwordless own@example.com',
      'passwordless work@example.com',
    ]);
  });

  it('is not linked twice by a second code to it', async () => {
    const { userId, page } = await member('twice@example.com');
    await proveEmail(stepgate, page, 'twice@example.com');
    const before = await links();
    expect((await link(page, 'twice@example.com')).body).toMatchObject({ status: 'OK', createdNewRecipeUser: false });
    expect(await links()).toEqual(before);
    expect(await methodsOf(userId)).toHaveLength(2);
  });

  it('verifies the password account’s own address along with it', async () => {
    const { page } = await member('unverified@example.com');
    const { body } = await link(page, 'unverified@example.com');
    expect(body.user.loginMethods.map(({ verified }: { verified: boolean }) => verified)).toEqual([true, true]);
  });
});

describe('an address of another user who is not primary', () => {
  it('is linked, and the other keeps it: to sign in with', async () => {
    const other = await member('shared@example.com');
    const { userId, page } = await member('links@example.com');
    expect((await link(page, 'shared@example.com')).body.status).toBe('OK');
    expect(await methodsOf(userId)).toContain('passwordless shared@example.com');
    expect(await methodsOf(other.userId)).toEqual(['emailpassword shared@example.com']);

    const again = await signedIn(stepgate, 'shared@example.com');
    expect(again.claims().sub).toBe(other.userId);
    expect((await other.page.me()).status).toBe(200);
  });
});

describe('an address of another primary user', () => {
  it('is refused with 018 where the other signs in with it by password', async () => {
    const other = await member('primary@example.com');
    await provePhone(stepgate, other.page, '+36301234567');
    const { userId, page } = await member('wants-018@example.com');
    const before = await links();
    const answer = await link(page, 'primary@example.com');
    expect(answer).toMatchObject({ status: 200, body: notAllowed('ERR_CODE_018'), setCookies: [] });
    expect(await links()).toEqual(before);
    expect(await methodsOf(userId)).toEqual(['emailpassword wants-018@example.com']);
  });

  it('is refused with 017 where the other proved it by code', async () => {
    const other = await member('proved@example.com');
    await proveEmail(stepgate, other.page, 'proved@example.com');
    const { page } = await member('wants-017@example.com');
    const before = await links();
    expect((await link(page, 'proved@example.com')).body).toEqual(notAllowed('ERR_CODE_017'));
    expect(await links()).toEqual(before);
  });

  it('is refused for a phone number as well', async () => {
    const other = await member('phone@example.com');
    await provePhone(stepgate, other.page, '+36301234568');
    const { page } = await member('wants-phone@example.com');
    const device = await codeSent(page, { phoneNumber: '+36301234568' });
    const answer = await page.consume(device, stepgate.lastCode('+36301234568'));
    expect(answer.body).toEqual(notAllowed('ERR_CODE_017'));
  });
});

describe('a session user whose own address is another primary user’s', () => {
  it('can link nothing: 019, for the own address and for any other', async () => {
    const { userId, page } = await member('taken@example.com');
    const taker = await member('taker@example.com');
    await proveEmail(stepgate, taker.page, 'taken@example.com');
    const before = await links();
    expect((await link(page, 'elsewhere@example.com')).body).toEqual(notAllowed('ERR_CODE_019'));
    expect((await link(page, 'taken@example.com')).body).toEqual(notAllowed('ERR_CODE_019'));
    expect(await links()).toEqual(before);
    expect(await stepgate.app().users.load(userId)).toMatchObject({ isPrimary: false, version: 0 });
  });
});

describe('two users and one free address at the same time', () => {
  it('gives it to one of them, and tells the other', async () => {
    const pages = [(await member('fast@example.com')).page, (await member('faster@example.com')).page];
    const devices = [];
    for (const page of pages) {
      const device = await codeSent(page, { email: 'prize@example.com' });
      devices.push({ page, device, code: stepgate.lastCode('prize@example.com') });
    }
    const answers = await Promise.all(devices.map(({ page, device, code }) => page.consume(device, code)));
    const statuses = answers.map(({ body }) => body.status);
    expect(statuses.filter((status) => status === 'OK')).toHaveLength(1);
    expect(['SIGN_IN_UP_NOT_ALLOWED', 'RESTART_FLOW_ERROR']).toContain(statuses.find((status) => status !== 'OK'));
    const holders = (await itemsUnder(stepgate, 'USER#')).filter(
      ({ recipeId, email }) => recipeId === 'passwordless' && email === 'prize@example.com',
    );
    expect(holders).toHaveLength(1);
  });
});

describe('a refused link', () => {
  it('leaves the code good for when the conflict is gone, and the session as it was', async () => {
    const other = await member('leaves@example.com');
    await proveEmail(stepgate, other.page, 'leaves@example.com');
    const { userId, page } = await member('waits@example.com');
    const device = await codeSent(page, { email: 'leaves@example.com' });
    const code = stepgate.lastCode('leaves@example.com');
    expect((await page.consume(device, code)).body).toEqual(notAllowed('ERR_CODE_017'));
    expect(page.claims()['st-mfa'].c).toEqual({ emailpassword: expect.any(Number) });
    expect((await page.refresh()).status).toBe(200);

    expect((await stepgate.browser().delete(`/admin/users/${other.userId}`)).body.status).toBe('OK');
    expect((await page.consume(device, code)).body).toMatchObject({ status: 'OK', user: { id: userId } });
    expect(await methodsOf(userId)).toContain('passwordless leaves@example.com');
  });

  it('costs an attempt like any other, so that it is no way round the count', async () => {
    const other = await member('counted@example.com');
    await proveEmail(stepgate, other.page, 'counted@example.com');
    const { page } = await member('counts@example.com');
    const device = await codeSent(page, { email: 'counted@example.com' });
    const code = stepgate.lastCode('counted@example.com');
    for (let i = 0; i < 5; i += 1) {
      expect((await page.consume(device, code)).body).toEqual(notAllowed('ERR_CODE_017'));
    }
    expect((await page.consume(device, code)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
  });

  it('leaves no orphan: the loser signs in and links another address', async () => {
    const other = await member('winner@example.com');
    await proveEmail(stepgate, other.page, 'winner@example.com');
    const { page } = await member('loser@example.com');
    await link(page, 'winner@example.com');
    expect((await link(page, 'loser@example.com')).body.status).toBe('OK');
    const fresh = stepgate.browser();
    expect((await fresh.signIn('loser@example.com', PASSWORD)).body.status).toBe('OK');
  });
});
