/**
 * SEC-28: "this was not me" of a notice takes the account out of every hand, once, for 72 hours, and only when posted.
 *
 * Why: who hears of an intruder needs a way to stop them that the intruder's next step does not take away.
 */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askReset, at, auditOf, lastLink, redeemReset } from '../support/links.ts';
import { OPEN, proveEmail, provePhone, signedIn } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const NEW = 'a lantern beside the quiet harbour';
const NEWEST = 'seven paper boats under the bridge';
const INVALID = { status: 200, body: { status: 'NOT_ME_INVALID_TOKEN_ERROR' } };

beforeAll(async () => {
  await stepgate.tenant('public', OPEN);
  await stepgate.tenant('acme', OPEN);
});

let email = '';
let userId = '';
let users = 0;
beforeEach(async () => {
  email = `owner-${(users += 1)}@example.com`;
  userId = await stepgate.user(email);
});

const notMe = (token: string, tenantId?: string) => stepgate.browser().post(at('account/not-me', tenantId), { token });

/** Somebody signed in adds a phone, and the owner is told. */
async function told() {
  const page = await signedIn(stepgate, email);
  await proveEmail(stepgate, page, email);
  await provePhone(stepgate, page, `+3630123${String(4000 + users)}`);
  return { page, ...lastLink(stepgate, email) };
}

/** Of somebody else's account. */
async function toldOfAnother() {
  const address = `other-${users}@example.com`;
  await stepgate.user(address);
  const page = await signedIn(stepgate, address);
  await proveEmail(stepgate, page, address);
  await provePhone(stepgate, page, `+3630124${String(4000 + users)}`);
  return lastLink(stepgate, address);
}

const changePassword = async (from: string, to: string) => {
  const page = stepgate.browser();
  await page.signIn(email, from);
  await proveEmail(stepgate, page, email);
  const change = { currentPassword: from, newPassword: to };
  expect((await page.post('/auth/user/password/change', change)).body.status).toBe('OK');
  return page;
};

describe('SEC-28: "this was not me"', () => {
  it('leads to a page of ours, and opening it changes nothing', async () => {
    const { page, url, token } = await told();
    expect(url.origin + url.pathname).toBe('http://localhost:3001/not-me');
    expect(url.searchParams.get('tenantId')).toBe('public');
    expect((await stepgate.browser().get(`/auth/account/not-me?token=${token}`)).status).toBe(404);
    expect((await page.me()).status).toBe(200);
  });

  it('ends every session and the password; a reset by mail lets the owner in again', async () => {
    const { page, token } = await told();
    expect(await notMe(token)).toMatchObject({ status: 200, body: { status: 'OK' } });
    expect((await page.refresh()).status).toBe(401);
    expect((await stepgate.browser().signIn(email, PASSWORD)).body.status).toBe('WRONG_CREDENTIALS_ERROR');
    await askReset(stepgate.browser(), email);
    expect((await redeemReset(stepgate.browser(), lastLink(stepgate, email).token, NEW)).body.status).toBe('OK');
    expect((await stepgate.browser().signIn(email, NEW)).body.status).toBe('OK');
    expect(await auditOf(stepgate, userId)).toContain('account.disowned');
  });

  it('works once, of many at the same time too, and is written down once', async () => {
    const { token } = await told();
    const answers = await Promise.all(Array.from({ length: 5 }, () => notMe(token)));
    expect(answers.map(({ body }) => body.status).toSorted()).toEqual([
      ...Array.from({ length: 4 }, () => 'NOT_ME_INVALID_TOKEN_ERROR'),
      'OK',
    ]);
    expect((await auditOf(stepgate, userId)).filter((event) => event === 'account.disowned')).toHaveLength(1);
  });

  it('still works after what an intruder did next, and ends what began since', async () => {
    const { token } = await told();
    const intruder = await changePassword(PASSWORD, NEW);
    expect((await notMe(token)).body.status).toBe('OK');
    expect((await intruder.refresh()).status).toBe(401);
    expect((await stepgate.browser().signIn(email, NEW)).body.status).toBe('WRONG_CREDENTIALS_ERROR');
  });

  it('of a notice from before is over once another was used; a later notice has its own', async () => {
    const { token: earlier } = await told();
    await changePassword(PASSWORD, NEW);
    const { token } = lastLink(stepgate, email);
    expect((await notMe(token)).body.status).toBe('OK');
    // The phone it told of is still there: it goes, and with it what is left of the earlier link.
    expect((await notMe(earlier)).body.status).toBe('OK');
    expect(await notMe(earlier)).toMatchObject(INVALID);

    await askReset(stepgate.browser(), email);
    await redeemReset(stepgate.browser(), lastLink(stepgate, email).token, NEWEST);
    const { token: later } = lastLink(stepgate, email);
    expect(await notMe(token)).toMatchObject(INVALID);
    expect((await stepgate.browser().signIn(email, NEWEST)).body.status).toBe('OK');
    expect((await notMe(later)).body.status).toBe('OK');
  });

  it('ends a link to reset the password that somebody else asked for', async () => {
    const { token } = await told();
    await askReset(stepgate.browser(), email);
    const { token: reset } = lastLink(stepgate, email);
    await notMe(token);
    expect((await redeemReset(stepgate.browser(), reset, NEW)).body.status).toBe('RESET_PASSWORD_INVALID_TOKEN_ERROR');
  });

  it('is refused in another tenant, when anything of it was altered, and for nobody', async () => {
    const { page, token } = await told();
    const [user = '', epoch, expires = '', before = '', things = '', mac = ''] = token.split('.');
    const { token: other } = await toldOfAnother();
    const [, , , , toldThere = ''] = other.split('.');
    const nobody = Buffer.from('nobody').toString('base64url');
    for (const altered of [
      [user, Number(epoch) + 1, expires, before, things, mac],
      [user, epoch, `${expires}0`, before, things, mac],
      [nobody, epoch, expires, before, things, mac],
      [user, epoch, expires, before, things, (mac.startsWith('A') ? 'B' : 'A') + mac.slice(1)],
      [user, epoch, expires, '', things, mac],
      [user, epoch, expires, before, '', mac],
      [user, epoch, expires, before, toldThere, mac],
      [user, epoch, expires, before, things + toldThere, mac],
      [user, epoch, expires, mac],
      [''],
    ]) {
      expect(await notMe(altered.join('.'))).toMatchObject(INVALID);
    }
    expect(await notMe(token, 'acme')).toMatchObject(INVALID);
    expect((await page.me()).status).toBe(200);
  });

  it('is not in a notice to an address that nobody had proven: a stranger may read it', async () => {
    const page = await signedIn(stepgate, email);
    const change = { currentPassword: PASSWORD, newPassword: NEW };
    expect((await page.post('/auth/user/password/change', change)).body.status).toBe('OK');
    expect(stepgate.lastMessage(email)).toMatchObject({ purpose: 'notice' });
    expect(stepgate.lastMessage(email)?.link).toBeUndefined();
  });

  it('is over after 72 hours', async () => {
    const { token } = await told();
    stepgate.clock.advance(72 * 3_600_000);
    expect(await notMe(token)).toMatchObject(INVALID);
    expect((await stepgate.browser().signIn(email, PASSWORD)).body.status).toBe('OK');
  });
});
