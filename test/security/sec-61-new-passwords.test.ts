/** SEC-61, for a password that is reset or changed: the same rules as at sign-up, and every byte of it counts. */
import { beforeAll, describe, expect, it } from 'vitest';
import { redeemReset, resetToken } from '../support/links.ts';
import { signedIn } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const EMAIL = 'length@example.com';
const LONG = 'the quick brown fox jumps over the lazy dog, and then the dog gets up again!';
let token = '';

beforeAll(async () => {
  await stepgate.tenant('public', { mfaPolicy: { rules: [] } });
  await stepgate.user(EMAIL);
  token = await resetToken(stepgate, EMAIL);
});

const REFUSED: readonly (readonly [string, string])[] = [
  ['of 14 characters where no policy asks for more', 'x7 q9 z1 w3 p5'],
  ['of 129 characters', 'ab '.repeat(43)],
  ['of a megabyte', 'x'.repeat(9_000)],
  ['everybody uses', 'Password123!'],
];

describe('SEC-61: a password that is', () => {
  it.each(REFUSED)('%s is refused at a reset', async (_, password) => {
    const { body } = await redeemReset(stepgate.browser(), token, password);
    expect(body).toMatchObject({ status: 'FIELD_ERROR', formFields: [{ id: 'password' }] });
  });

  it.each(REFUSED)('%s is refused at a change', async (_, newPassword) => {
    const page = await signedIn(stepgate, EMAIL);
    const { body } = await page.post('/auth/user/password/change', { currentPassword: PASSWORD, newPassword });
    expect(body).toMatchObject({ status: 'FIELD_ERROR', formFields: [{ id: 'newPassword' }] });
  });

  it('different from byte 73 on is another one', async () => {
    expect((await redeemReset(stepgate.browser(), token, LONG)).body.status).toBe('OK');
    const page = stepgate.browser();
    expect((await page.signIn(EMAIL, `${LONG.slice(0, -1)}?`)).body.status).toBe('WRONG_CREDENTIALS_ERROR');
    expect((await page.signIn(EMAIL, LONG)).body.status).toBe('OK');
  });

  it('guessed at a change counts with the guesses at sign-in', async () => {
    const page = stepgate.browser();
    await page.signIn(EMAIL, LONG);
    const guess = () =>
      page.post('/auth/user/password/change', { currentPassword: 'no', newPassword: `${LONG} and again` });
    for (let i = 0; i < 9; i += 1) await guess();
    const last = await guess();
    expect([last.body.status, (await guess()).body.status]).toContain('GENERAL_ERROR');
    expect((await stepgate.browser().signIn(EMAIL, LONG)).body.status).toBe('GENERAL_ERROR');
  });
});
