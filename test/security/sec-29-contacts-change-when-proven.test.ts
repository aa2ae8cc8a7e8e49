/**
 * SEC-29: a contact changes when the new one is proven, by somebody who has just proven who they are, and not before;
 * it is never two accounts'; and its owner can take it back, whatever was done since.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  askChange,
  changeContact,
  confirmChange,
  lastLink,
  redeemReset,
  resetToken,
  revert,
} from '../support/links.ts';
import { codeSent, itemsUnder, OPEN, proveEmail, signedIn } from '../support/otp.ts';
import { parallel } from '../support/stores.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const NEW = 'a lantern beside the quiet harbour';
beforeAll(() => stepgate.tenant('public', OPEN));

let made = 0;
async function member() {
  const email = `member-${(made += 1)}@example.com`;
  const userId = await stepgate.user(email);
  const page = await signedIn(stepgate, email);
  await proveEmail(stepgate, page, email);
  return { email, userId, page, next: `next-${made}@example.com` };
}

describe('SEC-29: a change of contact', () => {
  it('is pending until the code was typed in, in the session that asked', async () => {
    const { email, page, next } = await member();
    const { body: device } = await askChange(page, { email: next });
    const code = stepgate.lastCode(next);
    const other = await signedIn(stepgate, email);
    expect((await confirmChange(other, 'email', device, code)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    expect((await confirmChange(page, 'phone', device, code)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    expect((await stepgate.browser().signIn(next, PASSWORD)).body.status).toBe('WRONG_CREDENTIALS_ERROR');
    expect((await confirmChange(page, 'email', device, code)).body.status).toBe('OK');
  });

  it('is one of ten that confirm at once', async () => {
    const { page, next } = await member();
    const { body: device } = await askChange(page, { email: next });
    const code = stepgate.lastCode(next);
    const answers = await parallel(10, () => confirmChange(page, 'email', device, code));
    expect(answers.filter(({ body }) => body.status === 'OK')).toHaveLength(1);
    expect(answers.every(({ status }) => status < 500)).toBe(true);
  });

  it('is not done with a code for signing in, nor the other way round', async () => {
    const { email, page, next } = await member();
    const { body: device } = await askChange(page, { email: next });
    expect((await page.consume(device, stepgate.lastCode(next))).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    const signIn = await codeSent(page, { email });
    expect((await confirmChange(page, 'email', signIn, stepgate.lastCode(email))).body.status).toBe(
      'RESTART_FLOW_ERROR',
    );
  });

  it('takes a proof of the last five minutes', async () => {
    const { page, next, email } = await member();
    stepgate.clock.advance(301_000);
    const stale = {
      status: 403,
      body: { claimValidationErrors: [{ id: 'st-mfa', reason: { maxAgeInSeconds: 300 } }] },
    };
    expect(await askChange(page, { email: next })).toMatchObject(stale);
    await proveEmail(stepgate, page, email);
    expect((await askChange(page, { email: next })).body.status).toBe('OK');

    const single = `single-${made}@example.com`;
    await stepgate.user(single);
    const old = await signedIn(stepgate, single);
    stepgate.clock.advance(301_000);
    expect(await askChange(old, { email: next })).toMatchObject(stale);
  });

  it('to an address somebody has is refused only to whoever reads it, and changes nothing', async () => {
    const [mine, theirs] = [await member(), await member()];
    const { body: device } = await askChange(mine.page, { email: theirs.email });
    expect(device.status).toBe('OK');
    const code = stepgate.lastCode(theirs.email);
    const answer = await confirmChange(mine.page, 'email', device, code);
    expect(answer.body).toEqual({ status: 'EMAIL_ALREADY_EXISTS_ERROR' });
    expect((await mine.page.refresh()).status).toBe(200);
    expect((await stepgate.browser().signIn(theirs.email, PASSWORD)).body.user.id).toBe(theirs.userId);
  });

  it('leaves the old address to nobody else for 72 hours, and to anybody after that', async () => {
    const { email, page, next } = await member();
    await changeContact(stepgate, page, { email: next });
    const { token } = lastLink(stepgate, email);
    expect((await stepgate.browser().signUp(email, PASSWORD)).body.status).toBe('FIELD_ERROR');
    const other = await member();
    const device = await codeSent(other.page, { email });
    const refused = await other.page.consume(device, stepgate.lastCode(email));
    expect(refused.body.reason).toContain('ERR_CODE_017');
    expect(await itemsUnder(stepgate, 'USER##')).toEqual([]);
    stepgate.clock.advance(72 * 3_600_000 + 1_000);
    expect((await revert(stepgate.browser(), token)).body.status).toBe('REVERT_INVALID_TOKEN_ERROR');
    const later = await signedIn(stepgate, other.email);
    await proveEmail(stepgate, later, other.email);
    await proveEmail(stepgate, later, email);
    expect((await stepgate.browser().signUp(email, PASSWORD)).body.status).toBe('OK');
  });

  it('of an address nobody had proven gives its reader no way to the account', async () => {
    const email = 'mistyped-change@example.com';
    await stepgate.user(email);
    const page = await signedIn(stepgate, email);
    await changeContact(stepgate, page, { email: 'right@example.com' });
    expect(stepgate.lastMessage(email)?.link).toBeUndefined();
    expect(stepgate.lastMessage(email)?.subject).toContain('email address was changed');
  });

  it('ends the links that went to the old address', async () => {
    const { email, page, next } = await member();
    const token = await resetToken(stepgate, email);
    await changeContact(stepgate, page, { email: next });
    expect((await redeemReset(page, token, NEW)).body.status).toBe('RESET_PASSWORD_INVALID_TOKEN_ERROR');
  });

  it('goes back for its owner even after two more and a new password, and then the thief has no way back', async () => {
    const { email, userId, page, next } = await member();
    await changeContact(stepgate, page, { email: next });
    const owners = lastLink(stepgate, email).token;
    await proveEmail(stepgate, page, next);
    await changeContact(stepgate, page, { email: `far-${next}` });
    const thiefs = lastLink(stepgate, next).token;
    await redeemReset(page, await resetToken(stepgate, `far-${next}`), NEW);

    expect((await revert(stepgate.browser(), owners)).body.status).toBe('OK');
    expect((await revert(stepgate.browser(), thiefs)).body.status).toBe('REVERT_INVALID_TOKEN_ERROR');
    const lookups = await itemsUnder(stepgate, 'LOOKUP#public#');
    expect(lookups.filter((item) => item['userId'] === userId && item['recipeUserId'] !== undefined)).toHaveLength(3);
    expect((await redeemReset(page, await resetToken(stepgate, email), `${NEW} again`)).body.status).toBe('OK');
  });

  it('goes back once, of ten at the same time', async () => {
    const { email, page, next } = await member();
    await changeContact(stepgate, page, { email: next });
    const { token } = lastLink(stepgate, email);
    const answers = await parallel(10, () => revert(stepgate.browser(), token));
    expect(answers.filter(({ body }) => body.status === 'OK')).toHaveLength(1);
  });

  it('is asked of one text alone', async () => {
    const { page, email } = await member();
    expect((await page.post('/auth/account/email', { email: ['a@example.com'] })).status).toBe(400);
    expect((await page.post('/auth/account/email', {})).status).toBe(400);
    expect((await askChange(page, { email: 'nothing' })).body).toMatchObject({ status: 'FIELD_ERROR' });
    expect((await askChange(page, { email })).body).toMatchObject({ status: 'FIELD_ERROR' });
    expect((await askChange(page, { phoneNumber: '+36301234599' })).status).toBe(400);
  });
});
