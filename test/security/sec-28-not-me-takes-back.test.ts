/**
 * SEC-28: "this was not me" takes back what the notice told of: an app, a mailbox, a phone, backup codes, a switch, an
 * account that was linked. It takes back that very thing and no later one, never more than was added, and never the way in.
 *
 * Why: who comes back to an account that asks for the intruder's factor has not got it back (security.md §3.7). And a link
 * in a mailbox must not be the way to strip the owner's own factors.
 */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Browser } from '../support/browser.ts';
import { danglingIn } from '../support/linking.ts';
import { askReset, at, changeContact, lastLink, redeemReset } from '../support/links.ts';
import { itemsUnder, proveEmail, provePhone, signedIn } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { calls, codeAt, enrolApp } from '../support/totp.ts';
import { EVERY_WAY } from '../support/linking.ts';

const stepgate = useStepgate();
const NEW = 'a lantern beside the quiet harbour';
const INVALID = { status: 200, body: { status: 'NOT_ME_INVALID_TOKEN_ERROR' } };
const OK = { status: 200, body: { status: 'OK' } };
const TENANT = {
  ...EVERY_WAY,
  mfaPolicy: { rules: [{ id: 'own', requireFrom: 'user' }] },
  firstEnrolment: 'open',
  secondFactors: ['otp-email', 'otp-phone', 'totp', 'backup-code'],
  endSessionsOnFactorChange: false,
};

beforeAll(() => stepgate.tenant('public', TENANT));

let email = '';
let userId = '';
let people = 0;
beforeEach(async () => {
  stepgate.clock.advance(60_000);
  email = `owner-${(people += 1)}@example.com`;
  userId = await stepgate.user(email);
});

const notMe = (token: string) => stepgate.browser().post(at('account/not-me'), { token });
const user = async () => (await stepgate.app().users.load(userId))!;
const phone = () => `+3630222${String(4000 + people)}`;

/** The account's own mailbox is proven; whoever holds the session is in. */
async function inside(): Promise<Browser> {
  const page = await signedIn(stepgate, email);
  await proveEmail(stepgate, page, email);
  return page;
}

/** The link of the notice that an act sends. */
async function linkOf(act: () => Promise<unknown>): Promise<string> {
  const before = stepgate.lastMessage(email)?.id;
  await act();
  const message = stepgate.lastMessage(email);
  expect(message).toMatchObject({ purpose: 'notice' });
  expect(message?.id).not.toBe(before);
  return lastLink(stepgate, email).token;
}

async function ownerIsBack(): Promise<Browser> {
  await askReset(stepgate.browser(), email);
  expect((await redeemReset(stepgate.browser(), lastLink(stepgate, email).token, NEW)).body.status).toBe('OK');
  const page = stepgate.browser();
  expect((await page.signIn(email, NEW)).body.status).toBe('OK');
  return page;
}

const undone = async () =>
  (await itemsUnder(stepgate, `AUDIT#${userId}`))
    .filter(({ event }) => event === 'account.disowned')
    .map(({ details }) => details);

describe('SEC-28: "this was not me" takes back', () => {
  it('an authenticator app, and the owner is in again with a password alone, as before', async () => {
    const page = await inside();
    const token = await linkOf(() => enrolApp(stepgate, page));
    const switched = await linkOf(() => page.put('/auth/mfa/factors/totp'));
    expect((await user()).requiredFactors).toEqual(['totp']);
    expect(await notMe(token)).toMatchObject(OK);
    expect((await user()).totpDevices ?? []).toEqual([]);
    expect(await notMe(switched)).toMatchObject(OK);
    expect((await user()).requiredFactors).toEqual([]);
    expect((await (await ownerIsBack()).me()).status).toBe(200);
    expect(await undone()).toEqual(expect.arrayContaining([{ undone: ['totp'] }, { undone: ['not-required:totp'] }]));
    expect(await notMe(token)).toMatchObject(INVALID);
    expect(await notMe(switched)).toMatchObject(INVALID);
  });

  it('a mailbox that a code linked: it signs in no more, and is free', async () => {
    const page = await inside();
    const theirs = `intruder-${people}@example.net`;
    const token = await linkOf(() => proveEmail(stepgate, page, theirs));
    expect((await user()).loginMethods).toHaveLength(3);
    expect(await notMe(token)).toMatchObject(OK);
    expect((await user()).loginMethods.map((method) => method.email)).toEqual([email, email]);
    const intruder = stepgate.browser();
    const device = (await intruder.startCode({ email: theirs })).body;
    const { body } = await intruder.enterCode(device, stepgate.lastCode(theirs));
    expect(body.user.id).not.toBe(userId);
    expect(await danglingIn(stepgate)).toEqual([]);
    await ownerIsBack();
  });

  it('backup codes, and none that were made since', async () => {
    const page = await inside();
    const first = await linkOf(() => calls(page).makeCodes());
    stepgate.clock.advance(1_000);
    const second = await linkOf(() => calls(page).makeCodes());
    expect(await notMe(first)).toMatchObject(OK);
    expect((await user()).backupCodes?.macs).toHaveLength(10);
    expect(await notMe(second)).toMatchObject(OK);
    expect((await user()).backupCodes).toBeUndefined();
  });

  it('a switch that was put off goes on again, while the user still has the factor', async () => {
    const page = await inside();
    await provePhone(stepgate, page, phone());
    await page.put('/auth/mfa/factors/otp-phone');
    const token = await linkOf(() => page.delete('/auth/mfa/factors/otp-phone'));
    expect((await user()).requiredFactors).toEqual([]);
    expect(await notMe(token)).toMatchObject(OK);
    expect((await user()).requiredFactors).toEqual(['otp-phone']);
    const owner = await ownerIsBack();
    expect((await owner.me()).status).toBe(403);
    await provePhone(stepgate, owner, phone());
    expect((await owner.me()).status).toBe(200);
  });

  it('nothing that came later under the same name', async () => {
    const page = await inside();
    const token = await linkOf(() => enrolApp(stepgate, page, 'phone'));
    await calls(page).remove('phone');
    const { secret } = await enrolApp(stepgate, page, 'phone');
    const on = await linkOf(() => page.put('/auth/mfa/factors/totp'));
    await page.delete('/auth/mfa/factors/totp');
    stepgate.clock.advance(1_000);
    await page.put('/auth/mfa/factors/totp');
    expect(await notMe(token)).toMatchObject(OK);
    expect(await notMe(on)).toMatchObject(INVALID);
    expect((await user()).requiredFactors).toEqual(['totp']);
    const owner = await ownerIsBack();
    expect((await owner.me()).status).toBe(403);
    expect((await calls(owner).verify(codeAt(secret, stepgate.clock.now()))).body.status).toBe('OK');
  });

  it('nothing that an operator asked for since', async () => {
    const page = await inside();
    await provePhone(stepgate, page, phone());
    const token = await linkOf(() => page.put('/auth/mfa/factors/otp-phone'));
    await stepgate.browser().put(`/admin/users/${userId}/factors/otp-phone`);
    expect(await notMe(token)).toMatchObject(OK);
    expect((await user()).requiredFactors).toEqual(['otp-phone']);
  });

  it('no app that took an older one’s place: a mailbox alone strips nobody of a factor', async () => {
    const page = await inside();
    await enrolApp(stepgate, page, 'old');
    const token = await linkOf(() => enrolApp(stepgate, page, 'new'));
    await calls(page).remove('old');
    expect(await notMe(token)).toMatchObject(OK);
    expect((await user()).totpDevices?.map(({ name }) => name)).toEqual(['new']);
    expect((await page.refresh()).status).toBe(401);
  });

  it('one of two apps, and no more', async () => {
    const page = await inside();
    await enrolApp(stepgate, page, 'mine');
    const token = await linkOf(() => enrolApp(stepgate, page, 'theirs'));
    expect(await notMe(token)).toMatchObject(OK);
    expect((await user()).totpDevices?.map(({ name }) => name)).toEqual(['mine']);
  });

  it('no switch where less would be asked for than before', async () => {
    const page = await inside();
    await provePhone(stepgate, page, phone());
    await enrolApp(stepgate, page);
    await page.put('/auth/mfa/factors/otp-phone');
    const token = await linkOf(() => page.put('/auth/mfa/factors/totp'));
    await page.delete('/auth/mfa/factors/otp-phone');
    expect(await notMe(token)).toMatchObject(OK);
    expect((await user()).requiredFactors).toEqual(['totp']);
  });

  it('never the last way in', async () => {
    const page = await inside();
    const token = await linkOf(() => provePhone(stepgate, page, phone()));
    await stepgate.tenant('public', { ...TENANT, firstFactors: ['otp-phone'] });
    try {
      expect(await notMe(token)).toMatchObject(OK);
      expect((await user()).loginMethods.some(({ phoneNumber }) => phoneNumber === phone())).toBe(true);
    } finally {
      await stepgate.tenant('public', TENANT);
    }
  });

  it('once, of many at the same time; while something else happens too', async () => {
    const page = await inside();
    const token = await linkOf(() => enrolApp(stepgate, page));
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => notMe(token)),
      page.put('/auth/mfa/factors/otp-email'),
      calls(page).create('another'),
    ]);
    const statuses = answers.slice(0, 5).map(({ body }) => body.status);
    expect(statuses.toSorted()).toEqual([...Array.from({ length: 4 }, () => 'NOT_ME_INVALID_TOKEN_ERROR'), 'OK']);
    expect((await user()).totpDevices?.filter(({ verified }) => verified) ?? []).toEqual([]);
    expect(await undone()).toEqual([{ undone: ['totp'] }]);
    expect((await page.refresh()).status).toBe(401);
  });

  it('not after 72 hours', async () => {
    const page = await inside();
    const token = await linkOf(() => enrolApp(stepgate, page));
    stepgate.clock.advance(72 * 3_600_000);
    expect(await notMe(token)).toMatchObject(INVALID);
    expect((await user()).totpDevices).toHaveLength(1);
  });

  it('a new address, at every proven mailbox, be the old one proven or not', async () => {
    const page = await signedIn(stepgate, email);
    const second = `second-${people}@example.com`;
    await proveEmail(stepgate, page, second);
    expect((await user()).loginMethods.map(({ verified }) => verified)).toEqual([false, true]);
    stepgate.clock.advance(31_000);
    const mover = await signedIn(stepgate, email);
    await proveEmail(stepgate, mover, second);
    await changeContact(stepgate, mover, { email: `intruder-${people}@example.net` });
    const { url, token } = lastLink(stepgate, second);
    expect(url.pathname).toBe('/revert');
    expect((await stepgate.browser().post(at('account/revert'), { token })).body.status).toBe('OK');
    const [password] = (await user()).loginMethods;
    expect(password).toMatchObject({ email, verified: false });
    expect(password?.passwordHash).toBeUndefined();
    expect(await stepgate.browser().signIn(email, PASSWORD)).toMatchObject({
      body: { status: 'WRONG_CREDENTIALS_ERROR' },
    });
  });
});
