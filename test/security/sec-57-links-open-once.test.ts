/** SEC-57: a link opens once, for its own tenant, in its time, and the newest alone. @see security.md §5 */
import { beforeAll, describe, expect, it } from 'vitest';
import { tokenHash } from '../../shared/recovery/token.ts';
import { redeemReset, resetToken } from '../support/links.ts';
import { itemsUnder } from '../support/otp.ts';
import { parallel } from '../support/stores.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const INVALID = { status: 'RESET_PASSWORD_INVALID_TOKEN_ERROR' };
const NEW = 'a lantern beside the quiet harbour';

beforeAll(async () => {
  await stepgate.tenant('public', { mfaPolicy: { rules: [] } });
  await stepgate.tenant('t2', { mfaPolicy: { rules: [] } });
});

let made = 0;
async function asked() {
  const email = `link-${(made += 1)}@example.com`;
  const userId = await stepgate.user(email);
  return { email, userId, token: await resetToken(stepgate, email) };
}

describe('SEC-57: a link for a new password', () => {
  it('lets one of ten parallel calls through, and its password is the one that holds', async () => {
    const { email, token } = await asked();
    const passwords = Array.from({ length: 10 }, (_, i) => `${NEW} number ${i}`);
    const answers = await parallel(10, (i) => redeemReset(stepgate.browser(), token, passwords[i]!));
    const won = answers.flatMap(({ body }, i) => (body.status === 'OK' ? [i] : []));
    expect(won).toHaveLength(1);
    expect(answers.filter(({ body }) => body.status === INVALID.status)).toHaveLength(9);
    for (const [i, password] of passwords.entries()) {
      const { body } = await stepgate.browser().signIn(email, password);
      expect(body.status).toBe(i === won[0] ? 'OK' : 'WRONG_CREDENTIALS_ERROR');
    }
  });

  it('is refused the second time', async () => {
    const { token } = await asked();
    const page = stepgate.browser();
    expect((await redeemReset(page, token, NEW)).body.status).toBe('OK');
    expect((await redeemReset(page, token, `${NEW} again`)).body).toEqual(INVALID);
  });

  it('dies with a newer one', async () => {
    const { email, token } = await asked();
    const newer = await resetToken(stepgate, email);
    expect((await redeemReset(stepgate.browser(), token, NEW)).body).toEqual(INVALID);
    expect((await redeemReset(stepgate.browser(), newer, NEW)).body.status).toBe('OK');
  });

  it('is unknown to every other tenant, and stays good for its own', async () => {
    const { token } = await asked();
    expect((await redeemReset(stepgate.browser(), token, NEW, 't2')).body).toEqual(INVALID);
    expect((await redeemReset(stepgate.browser(), token, NEW)).body.status).toBe('OK');
  });

  it('is not used up by a password that may not be used', async () => {
    const { email, token } = await asked();
    for (const weak of ['', 'short', 'x'.repeat(129), email]) {
      const { body } = await redeemReset(stepgate.browser(), token, weak);
      expect(body).toMatchObject({ status: 'FIELD_ERROR', formFields: [{ id: 'password' }] });
    }
    expect((await redeemReset(stepgate.browser(), token, NEW)).body.status).toBe('OK');
  });

  it('dies when the password is changed by somebody who knows it', async () => {
    const { email, token } = await asked();
    const page = stepgate.browser();
    await page.signIn(email, PASSWORD);
    const body = { currentPassword: PASSWORD, newPassword: NEW };
    expect((await page.post('/auth/user/password/change', body)).body.status).toBe('OK');
    expect((await redeemReset(stepgate.browser(), token, `${NEW} again`)).body).toEqual(INVALID);
  });

  it('is stored nowhere but as its hash', async () => {
    const { token } = await asked();
    const stored = JSON.stringify([await itemsUnder(stepgate, 'TOKEN#'), await itemsUnder(stepgate, 'USER#')]);
    expect(stored).toContain(tokenHash(token));
    expect(stored).not.toContain(token);
    expect(JSON.stringify(stepgate.logged)).not.toContain(token);
  });

  it('is refused for a disabled account and for a made-up token', async () => {
    const { userId, token } = await asked();
    await stepgate.app().userAdmin.patch(userId, { status: 'disabled' });
    expect((await redeemReset(stepgate.browser(), token, NEW)).body).toEqual(INVALID);
    expect((await redeemReset(stepgate.browser(), 'A'.repeat(43), NEW)).body).toEqual(INVALID);
    expect((await stepgate.browser().post('/auth/user/password/reset', { formFields: [] })).status).toBe(400);
    const nested = { token: { S: token }, formFields: [{ id: 'password', value: NEW }] };
    expect((await stepgate.browser().post('/auth/user/password/reset', nested)).status).toBe(400);
  });

  it('is refused after an hour, although its item is still there', async () => {
    const { token } = await asked();
    stepgate.clock.advance(3_600_000);
    expect((await redeemReset(stepgate.browser(), token, NEW)).body).toEqual(INVALID);
  });
});
