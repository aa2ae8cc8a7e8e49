/** SEC-57, for the link that proves an address. */
import { beforeAll, describe, expect, it } from 'vitest';
import { askReset, askVerification, lastLink, redeemReset, redeemVerification } from '../support/links.ts';
import { parallel } from '../support/stores.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const INVALID = { status: 'EMAIL_VERIFICATION_INVALID_TOKEN_ERROR' };
const NEW = 'a lantern beside the quiet harbour';

beforeAll(async () => {
  await stepgate.tenant('public', { mfaPolicy: { rules: [] }, emailVerification: 'REQUIRED' });
  await stepgate.tenant('t2', { mfaPolicy: { rules: [] }, emailVerification: 'REQUIRED' });
});

let made = 0;
async function asked() {
  const email = `proof-${(made += 1)}@example.com`;
  const page = stepgate.browser();
  const userId: string = (await page.signUp(email, PASSWORD)).body.user.id;
  await askVerification(page);
  return { email, userId, page, token: lastLink(stepgate, email).token };
}

describe('SEC-57: a link that proves an address', () => {
  it('works for one of ten parallel calls', async () => {
    const { token } = await asked();
    const answers = await parallel(10, () => redeemVerification(stepgate.browser(), token));
    expect(answers.filter(({ body }) => body.status === 'OK')).toHaveLength(1);
    expect(answers.filter(({ body }) => body.status === INVALID.status)).toHaveLength(9);
  });

  it('dies with a newer one, and is unknown to other tenants', async () => {
    const { email, page, token } = await asked();
    expect((await redeemVerification(stepgate.browser(), token, 't2')).body).toEqual(INVALID);
    await askVerification(page);
    expect((await redeemVerification(page, token)).body).toEqual(INVALID);
    expect((await redeemVerification(page, lastLink(stepgate, email).token)).body.status).toBe('OK');
  });

  it('sets no password, and a link for a password proves nothing here', async () => {
    const { email, token } = await asked();
    expect((await redeemReset(stepgate.browser(), token, NEW)).body.status).toBe('RESET_PASSWORD_INVALID_TOKEN_ERROR');
    await askReset(stepgate.browser(), email);
    const reset = lastLink(stepgate, email).token;
    expect((await redeemVerification(stepgate.browser(), reset)).body).toEqual(INVALID);
    expect((await redeemReset(stepgate.browser(), reset, NEW)).body.status).toBe('OK');
    expect((await redeemVerification(stepgate.browser(), token)).body).toEqual(INVALID);
  });

  it('tells another session nothing, and changes nothing in it', async () => {
    const [mine, theirs] = [await asked(), await asked()];
    const answer = await redeemVerification(mine.page, theirs.token);
    expect(answer.body).toEqual({ status: 'OK' });
    expect(answer.headers.get('front-token')).toBeNull();
    expect((await mine.page.me()).status).toBe(403);
  });

  it('is not used up by a session that is out of date', async () => {
    const { page, token } = await asked();
    stepgate.clock.advance(901_000);
    expect(await redeemVerification(page, token)).toMatchObject({
      status: 401,
      body: { message: 'try refresh token' },
    });
    await page.refresh();
    expect((await redeemVerification(page, token)).body.status).toBe('OK');
    expect((await page.me()).status).toBe(200);
  });

  it('is refused after a day, and without a token it is a bad request', async () => {
    const { token } = await asked();
    stepgate.clock.advance(86_400_000);
    expect((await redeemVerification(stepgate.browser(), token)).body).toEqual(INVALID);
    expect((await stepgate.browser().post('/auth/user/email/verify', { method: 'token' })).status).toBe(400);
    expect((await stepgate.browser().get('/auth/user/email/verify')).status).toBe(401);
    expect((await askVerification(stepgate.browser())).status).toBe(401);
  });
});
