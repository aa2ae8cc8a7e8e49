import { beforeAll, describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import {
  askChange,
  auditOf,
  changeContact,
  confirmChange,
  lastLink,
  redeemReset,
  resetToken,
  revert,
} from '../support/links.ts';
import { OPEN, otherThan, proveEmail, provePhone } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const NEW = 'a lantern beside the quiet harbour';

describe.each<Mode>(['cookie', 'header'])('a new address (%s mode)', (mode) => {
  const [old, next] = [`old-${mode}@example.com`, `next-${mode}@example.com`];
  let userId = '';

  beforeAll(async () => {
    await stepgate.tenant('public', { ...OPEN, emailVerification: 'OPTIONAL' });
    userId = await stepgate.user(old);
  });

  it('takes the old one’s place once its code was typed in: at sign-in, as second factor, in tokens', async () => {
    const [page, other] = [stepgate.browser(mode), stepgate.browser(mode)];
    await page.signIn(old, PASSWORD);
    await proveEmail(stepgate, page, old);
    await other.signIn(old, PASSWORD);
    const { body: device } = await askChange(page, { email: ` ${next.toUpperCase()}` });
    expect(device).toMatchObject({ status: 'OK', flowType: 'USER_INPUT_CODE' });
    const code = stepgate.lastCode(next);
    expect((await confirmChange(page, 'email', device, otherThan(code))).body).toMatchObject({
      status: 'INCORRECT_USER_INPUT_CODE_ERROR',
      failedCodeInputAttemptCount: 1,
    });
    expect((await stepgate.browser(mode).signIn(old, PASSWORD)).body.status).toBe('OK');

    const { sessionHandle } = page.claims();
    expect((await confirmChange(page, 'email', device, code)).body).toEqual({ status: 'OK' });
    expect(page.claims()).toMatchObject({ sessionHandle, 'st-ev': { v: true } });
    expect((await page.refresh()).status).toBe(200);
    expect((await other.refresh()).status).toBe(401);
    expect((await page.signIn(old, PASSWORD)).body.status).toBe('WRONG_CREDENTIALS_ERROR');
    const { body } = await page.signIn(next, PASSWORD);
    expect(body.user).toMatchObject({ id: userId, emails: [next] });
    expect(body.user.loginMethods.map((method: { verified: boolean }) => method.verified)).toEqual([true, true]);
    await proveEmail(stepgate, page, next);
    expect((await page.me()).status).toBe(200);
  });

  it('is told to the old one, with a way back; to nobody else, and once', async () => {
    const told = stepgate.aws
      .inbox()
      .messages(old)
      .filter(({ purpose }) => purpose === 'notice');
    expect(told.map(({ subject }) => subject)).toContain('Your email address at Stepgate was changed');
    expect(told.at(-1)?.text).toContain(`n•••@example.com`);
    expect(told.at(-1)?.text).not.toContain(next);
    expect(lastLink(stepgate, old).url.pathname).toBe('/revert');
    expect(
      stepgate.aws
        .inbox()
        .messages(next)
        .every(({ purpose }) => purpose !== 'notice'),
    ).toBe(true);
    expect(await auditOf(stepgate, userId)).toContain('email.changed');
  });

  it('is taken back by that link: the old one is there again, and nobody is signed in', async () => {
    const thief = stepgate.browser(mode);
    await thief.signIn(next, PASSWORD);
    const { token } = lastLink(stepgate, old);
    const owner = stepgate.browser(mode);
    expect(await revert(owner, token)).toMatchObject({ status: 200, body: { status: 'OK' }, setCookies: [] });
    expect((await thief.refresh()).status).toBe(401);
    expect((await revert(owner, token)).body).toEqual({ status: 'REVERT_INVALID_TOKEN_ERROR' });
    for (const email of [old, next]) {
      expect((await owner.signIn(email, PASSWORD)).body.status).toBe('WRONG_CREDENTIALS_ERROR');
    }
    expect((await redeemReset(owner, await resetToken(stepgate, old), NEW)).body.status).toBe('OK');
    expect((await owner.signIn(old, NEW)).body.user).toMatchObject({ id: userId, emails: [old] });
    expect((await stepgate.browser(mode).signUp(next, PASSWORD)).body.status).toBe('OK');
    expect(await auditOf(stepgate, userId)).toContain('email.reverted');
  });
});

describe.each<Mode>(['cookie', 'header'])('a new phone (%s mode)', (mode) => {
  const email = `phone-${mode}@example.com`;
  const [old, next] = mode === 'cookie' ? ['+36301234561', '+36301234562'] : ['+36301234563', '+36301234564'];

  it('takes the old one’s place, is told to the mailbox, and is taken back from there', async () => {
    await stepgate.tenant('public', OPEN);
    await stepgate.user(email);
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    await proveEmail(stepgate, page, email);
    await provePhone(stepgate, page, old);
    await changeContact(stepgate, page, { phoneNumber: next });
    expect((await page.get('/auth/mfa/factors')).body.factors).toContainEqual(
      expect.objectContaining({ factorId: 'otp-phone', setUp: true, contact: `+36 •••• ${next.slice(-3)}` }),
    );
    expect(stepgate.lastMessage(email)?.subject).toContain('phone number was changed');
    expect((await revert(page, lastLink(stepgate, email).token)).body).toEqual({ status: 'OK' });
    expect((await page.refresh()).status).toBe(401);
    await redeemReset(page, await resetToken(stepgate, email), NEW);
    expect((await page.signIn(email, NEW)).body.user.phoneNumbers).toEqual([old]);
  });
});
