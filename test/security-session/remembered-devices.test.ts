// A remembered device stands for a second factor, so its value is guarded as a refresh token is: rotated, hashed, bound
// to one user in one tenant, and dead with everything that ends a user's sessions. @see docs/adr/0019-remembered-devices.md

import { beforeEach, describe, expect, it } from 'vitest';
import type { Browser } from '../support/browser.ts';
import { redeemReset, resetToken } from '../support/links.ts';
import { itemsUnder } from '../support/otp.ts';
import { DAY, isLetIn, MINUTE, rememberMe, REMEMBERING, storedDevices, typeCode } from '../support/remembered.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { calls, enrolApp } from '../support/totp.ts';

const stepgate = useStepgate();
beforeEach(async () => {
  await stepgate.tenant('public', REMEMBERING);
  await stepgate.tenant('acme', REMEMBERING);
});

let made = 0;
const remembered = async () => {
  const email = `guarded-${(made += 1)}@example.com`;
  const userId = await stepgate.user(email);
  const page = stepgate.browser();
  await rememberMe(stepgate, page, email);
  return { email, userId, page, value: page.device()! };
};

/** Another browser, of the same make, that shows this value. */
const showing = (value: string, tenantId?: string): Browser => {
  const page = stepgate.browser('cookie', tenantId);
  page.setDevice(value);
  return page;
};

describe('parallel sign-ins with one value', () => {
  it('are all let in, and all hold the one successor', async () => {
    const { email, userId, value } = await remembered();
    const pages = Array.from({ length: 10 }, () => showing(value));
    expect(await Promise.all(pages.map((page) => isLetIn(page, email)))).toEqual(pages.map(() => true));
    const values = new Set(pages.map((page) => page.device()));
    expect(values.size).toBe(1);
    expect(values.has(value)).toBe(false);
    expect(await storedDevices(stepgate, userId)).toHaveLength(1);
    expect(await isLetIn(showing([...values][0]!), email)).toBe(true);
  });
});

describe('a value that was replaced', () => {
  it('is taken for half a minute from the same kind of client, and is theft from another', async () => {
    const { email, userId, page, value } = await remembered();
    expect(await isLetIn(page, email)).toBe(true);
    stepgate.clock.advance(29_000);
    expect(await isLetIn(showing(value), email)).toBe(true);
    const thief = stepgate.browser('header');
    thief.setDevice(value);
    expect(await isLetIn(thief, email)).toBe(false);
    expect(await storedDevices(stepgate, userId)).toEqual([]);
  });

  it('is theft after that: nobody is let in by it any more, the session it let in neither', async () => {
    const { email, userId, page, value } = await remembered();
    const thief = showing(value);
    expect(await isLetIn(thief, email)).toBe(true);
    stepgate.clock.advance(31_000);
    stepgate.logged.length = 0;
    expect(await isLetIn(page, email)).toBe(false);
    const rung = { level: 'error', event: 'device.theft', fields: { tenantId: 'public', userId } };
    expect(stepgate.logged).toContainEqual(rung);
    expect(stepgate.lastMessage(email)).toMatchObject({
      purpose: 'notice',
      subject: expect.stringContaining('copied'),
    });
    const events = () => itemsUnder(stepgate, `AUDIT#${userId}#`);
    expect((await events()).filter(({ event }) => event === 'device.theft')).toHaveLength(1);
    expect(await storedDevices(stepgate, userId)).toEqual([]);
    await thief.refresh();
    expect(thief.claims()['st-mfa'].v).toBe(false);
    expect(await isLetIn(thief, email)).toBe(false);
    await rememberMe(stepgate, page, email);
    expect(await isLetIn(page, email)).toBe(true);
  });

  it('is told once, of many sign-ins with the stolen value at the same time', async () => {
    const { email, userId, value } = await remembered();
    expect(await isLetIn(showing(value), email)).toBe(true);
    stepgate.clock.advance(31_000);
    expect(await Promise.all(Array.from({ length: 4 }, () => isLetIn(showing(value), email)))).not.toContain(true);
    const mails = stepgate.aws.inbox().messages(email);
    expect(mails.filter(({ subject }) => subject.includes('copied'))).toHaveLength(1);
    const events = await itemsUnder(stepgate, `AUDIT#${userId}#`);
    expect(events.filter(({ event }) => event === 'device.theft')).toHaveLength(1);
  });

  it('costs a device its trust, and no session that showed its factor', async () => {
    const { email, page, value } = await remembered();
    const elsewhere = showing(value);
    expect(await isLetIn(elsewhere, email)).toBe(true);
    stepgate.clock.advance(MINUTE);
    expect(await isLetIn(showing(value), email)).toBe(false);
    await page.refresh();
    expect(page.claims()['st-mfa'].v).toBe(true);
  });

  it('says nothing without the password', async () => {
    const { email, userId, page, value } = await remembered();
    expect(await isLetIn(page, email)).toBe(true);
    stepgate.clock.advance(MINUTE);
    const stranger = showing(value);
    const { body, setCookies } = await stranger.signIn(email, 'not the right password');
    expect(body).toEqual({ status: 'WRONG_CREDENTIALS_ERROR' });
    expect(setCookies).toEqual([]);
    expect(await storedDevices(stepgate, userId)).toHaveLength(1);
  });
});

describe('a value is nothing', () => {
  it('to another user', async () => {
    const [one, other] = [await remembered(), await remembered()];
    expect(await isLetIn(showing(one.value), other.email)).toBe(false);
    expect(await isLetIn(one.page, one.email)).toBe(true);
  });

  it('in another tenant, though it be the same person', async () => {
    const { email, userId, value } = await remembered();
    const user = (await stepgate.app().users.load(userId))!;
    await stepgate.put({
      pk: `USER#${userId}`,
      sk: 'PROFILE',
      ...user,
      loginMethods: undefined,
      tenantIds: ['public', 'acme'],
    });
    const secrets = await stepgate.app().keys.secrets();
    await stepgate.put({
      pk: `LOOKUP#acme#${secrets.index('emailpassword:email', 'acme', email)}`,
      sk: 'LOOKUP',
      userId,
      recipeUserId: userId,
    });
    expect(await isLetIn(showing(value, 'acme'), email)).toBe(false);
    expect(await isLetIn(showing(value), email)).toBe(true);
  });

  it.each([
    ['made up', () => 'd1.x.y.z'],
    ['empty', () => ''],
    ['very long', () => `d1.${'a'.repeat(4_000)}`],
    ['with its tag cut', (value: string) => value.slice(0, -1)],
    ['with another secret', (value: string) => value.replace(/\.[\w-]{43}\./, `.${'A'.repeat(43)}.`)],
  ])('when it is %s, and revokes nothing', async (_, change) => {
    const { email, userId, page, value } = await remembered();
    expect(await isLetIn(showing(change(value)), email)).toBe(false);
    expect(await storedDevices(stepgate, userId)).toHaveLength(1);
    expect(await isLetIn(page, email)).toBe(true);
  });

  it('beside a planted one of somebody else: one’s own counts', async () => {
    const [one, other] = [await remembered(), await remembered()];
    const reply = await stepgate.browser().post(
      '/auth/signin',
      {
        formFields: [
          { id: 'email', value: one.email },
          { id: 'password', value: PASSWORD },
        ],
      },
      { headers: { cookie: `sDevice=${other.value}; sDevice=${one.value}` } },
    );
    const front = JSON.parse(Buffer.from(reply.headers.get('front-token')!, 'base64').toString());
    expect(front.up['st-mfa'].v).toBe(true);
  });
});

describe('trust ends with', () => {
  it('a change of factors', async () => {
    const { email, page } = await remembered();
    expect((await page.put('/auth/mfa/factors/otp-email', {})).body.status).toBe('OK');
    expect(await isLetIn(page, email)).toBe(false);
  });

  it('a password that was reset', async () => {
    const { email, page } = await remembered();
    const password = 'a lantern beside the quiet harbour';
    const { body } = await redeemReset(stepgate.browser(), await resetToken(stepgate, email), password);
    expect(body.status).toBe('OK');
    expect((await page.signIn(email, password)).body.status).toBe('OK');
    expect(page.claims()['st-mfa'].v).toBe(false);
  });

  it('a password that was changed', async () => {
    const { email, page } = await remembered();
    const newPassword = 'seven umbrellas under one bridge';
    const changed = await page.post('/auth/user/password/change', { currentPassword: PASSWORD, newPassword });
    expect(changed.body.status).toBe('OK');
    expect((await page.signIn(email, newPassword)).body.status).toBe('OK');
    expect(page.claims()['st-mfa'].v).toBe(false);
  });

  it('the account being disabled, and does not come back with it', async () => {
    const { email, userId, page } = await remembered();
    await stepgate.app().userAdmin.patch(userId, { status: 'disabled' });
    await stepgate.app().userAdmin.patch(userId, { status: 'active' });
    expect(await isLetIn(page, email)).toBe(false);
  });

  it('the administrator forgetting the devices', async () => {
    const { email, userId, page } = await remembered();
    const shown = await page.get(`/admin/users/${userId}`);
    expect(shown.body.user.devices).toMatchObject([{ tenantId: 'public', trusted: ['otp-email'] }]);
    expect(JSON.stringify(shown.body)).not.toMatch(/[Hh]ash/);
    expect((await page.delete(`/admin/users/${userId}/devices`)).body).toEqual({ status: 'OK', forgotten: 1 });
    expect(await isLetIn(page, email)).toBe(false);
    expect((await page.delete(`/admin/users/${userId}/devices`)).body).toEqual({ status: 'OK', forgotten: 0 });
  });

  it.each([true, false])('a factor that changes, whether other sessions end with it (%s) or not', async (ends) => {
    await stepgate.tenant('public', {
      ...REMEMBERING,
      mfaPolicy: { rules: [{ id: 'own', requireFrom: 'user' }] },
      endSessionsOnFactorChange: ends,
    });
    const { email, userId, page } = await remembered();
    const alive = async () => {
      const user = await stepgate.app().users.load(userId);
      return (user?.devices ?? []).filter(({ epoch }) => epoch === user?.epoch).length;
    };
    expect(await alive()).toBe(1);
    expect((await page.put('/auth/mfa/factors/otp-email')).body.status).toBe('OK');
    expect(await alive()).toBe(0);
    await rememberMe(stepgate, page, email);
    expect(await isLetIn(page, email)).toBe(true);
    await typeCode(stepgate, page, email);
    expect((await page.delete('/auth/mfa/factors/otp-email')).body.status).toBe('OK');
    expect(await alive()).toBe(0);
  });

  it('an authenticator app that is removed, while the sessions go on', async () => {
    await stepgate.tenant('public', {
      ...REMEMBERING,
      mfaPolicy: { rules: [{ id: 'either', require: [{ oneOf: ['totp', 'otp-email'] }] }] },
      secondFactors: ['otp-email', 'totp'],
      endSessionsOnFactorChange: false,
    });
    const { email, userId, page } = await remembered();
    const { name } = await enrolApp(stepgate, page);
    expect(await storedDevices(stepgate, userId)).not.toEqual([]);
    expect((await calls(page).remove(name)).body).toEqual({ status: 'OK', didDeviceExist: true });
    expect(await storedDevices(stepgate, userId)).toEqual([]);
    expect((await page.me()).status).toBe(200);
    expect(await isLetIn(page, email)).toBe(false);
  });

  it('an operator, and the owner is told', async () => {
    const { email, userId, page } = await remembered();
    expect((await stepgate.browser().delete(`/admin/users/${userId}/devices`)).body.forgotten).toBe(1);
    expect(stepgate.lastMessage(email)?.subject).toContain('every remembered device was forgotten');
    expect(await isLetIn(page, email)).toBe(false);
  });

  it('the account: nothing of it is left', async () => {
    const { userId } = await remembered();
    await stepgate.app().userAdmin.remove((await stepgate.app().users.load(userId))!);
    expect(await itemsUnder(stepgate, `USER#${userId}`)).toEqual([]);
  });

  it('too many others: the one that was not used for longest goes', async () => {
    await stepgate.tenant('public', { ...REMEMBERING, rememberDevice: { days: 7, max: 2 } });
    const { email, userId, page } = await remembered();
    const pages = [page, stepgate.browser(), stepgate.browser()];
    for (const next of pages.slice(1)) {
      stepgate.clock.advance(6 * MINUTE);
      await rememberMe(stepgate, next, email);
    }
    expect(await storedDevices(stepgate, userId)).toHaveLength(2);
    expect(await Promise.all(pages.map((one) => isLetIn(one, email)))).toEqual([false, true, true]);
  });
});

describe('trust is no secret from its owner', () => {
  it('who is told once, in the mailbox that had the code as well, and it is written down', async () => {
    const { email, userId } = await remembered();
    const page = stepgate.browser();
    const notices = () =>
      stepgate.aws
        .inbox()
        .messages(email)
        .filter(({ purpose }) => purpose === 'notice');
    const before = notices().length;
    await rememberMe(stepgate, page, email);
    const told = notices().slice(before);
    expect(told.map(({ subject }) => subject)).toEqual([expect.stringContaining('a device was remembered')]);
    expect(await isLetIn(page, email)).toBe(true);
    await typeCode(stepgate, page, email);
    expect(notices()).toHaveLength(before + 1);
    const events = (await itemsUnder(stepgate, `AUDIT#${userId}#`)).map(({ event }) => event);
    expect(events.filter((event) => event === 'device.trusted')).toHaveLength(2);
  });
});

describe('where it is kept', () => {
  it('the table has its hash, an end, and no value', async () => {
    const { userId, page, value } = await remembered();
    const items = await itemsUnder(stepgate, `USER#${userId}`);
    const [, , , secret = '', tag = ''] = value.split('.');
    for (const text of [value, secret, tag]) expect(JSON.stringify(items)).not.toContain(text);
    const item = items.find(({ sk }) => String(sk).startsWith('DEVICE#'))!;
    expect(item['tokenHash']).toMatch(/^[0-9a-f]{64}$/);
    expect(Number(item['ttl'])).toBeGreaterThan((stepgate.clock.now() + 90 * DAY) / 1000);
    expect(JSON.stringify(stepgate.logged)).not.toContain(secret);
    expect(JSON.stringify(page.claims())).not.toContain(secret);
  });

  it('the cookie is out of scripts’ reach, and is sent to this host’s sign-in alone', async () => {
    const email = `cookie-${(made += 1)}@example.com`;
    await stepgate.user(email);
    const page = stepgate.browser();
    await page.signIn(email, PASSWORD);
    const { setCookies, body } = await typeCode(stepgate, page, email, { rememberDevice: true });
    const line = setCookies.find((cookie) => cookie.startsWith('sDevice='))!;
    expect(line).toMatch(/; Path=\/auth; Expires=[^;]+; HttpOnly; SameSite=Lax$/);
    expect(JSON.stringify(body)).not.toContain('d1.');
  });

  it('a client of the other carrier gets it in a header that its page may read, and no cookie', async () => {
    const email = `header-${(made += 1)}@example.com`;
    await stepgate.user(email);
    const page = stepgate.browser('header');
    await page.signIn(email, PASSWORD);
    const { headers, setCookies } = await typeCode(stepgate, page, email, { rememberDevice: true });
    expect(headers.get('st-device')).toMatch(/^d1\./);
    expect(headers.get('access-control-expose-headers')).toContain('st-device');
    expect(setCookies).toEqual([]);
  });
});
