/** SEC-64, D3: where a tenant wants it, a sign-up tells nobody whether the address has an account; its owner hears of it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { counting } from '../support/counting.ts';
import { form, gateway } from '../support/gateway.ts';
import { lastLink, redeemVerification } from '../support/links.ts';
import { parallel } from '../support/stores.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const [TAKEN, FREE] = ['taken@example.com', 'free@example.com'];
const NEW = 'a lantern beside the quiet harbour';
const CHECK_MAIL = { status: 'GENERAL_ERROR', message: 'We sent you an email. Follow its link to go on.' };

beforeAll(async () => {
  await stepgate.tenant('public', { mfaPolicy: { rules: [] }, strictEnumeration: true });
  await stepgate.user(TAKEN);
});

let address = 0;
const signUp = (email: string) =>
  counting(stepgate, () =>
    gateway(stepgate.app())('POST', '/auth/signup', {
      body: form({ email, password: NEW }),
      ip: `198.51.100.${(address += 1)}`,
    }),
  );

describe('SEC-64: a sign-up in a strict tenant', () => {
  it('is answered alike for a taken and a free address, for the same requests and one mail', async () => {
    const [taken, free] = [await signUp(TAKEN), await signUp(FREE)];
    expect(taken.reply).toEqual(free.reply);
    expect(free.reply).toMatchObject({ status: 200, body: CHECK_MAIL, cookies: [] });
    expect(taken.requests).toEqual(free.requests);
    expect(stepgate.aws.inbox().messages(TAKEN)).toHaveLength(1);
    expect(stepgate.aws.inbox().messages(FREE)).toHaveLength(1);
  });

  it('tells the owner of a taken address, by a mail that holds no token', () => {
    const mail = stepgate.lastMessage(TAKEN);
    expect(mail?.purpose).toBe('notice');
    expect(mail?.text).not.toContain('token=');
  });

  it('tells nothing by a sign-in or by asking whether the address exists', async () => {
    const page = stepgate.browser();
    for (const email of [TAKEN, FREE]) {
      expect((await page.signIn(email, NEW)).body).toEqual({ status: 'WRONG_CREDENTIALS_ERROR' });
      const { body } = await page.get(`/auth/emailpassword/email/exists?email=${email}`);
      expect(body).toEqual({ status: 'OK', exists: false });
    }
    expect((await page.signIn(TAKEN, PASSWORD)).body.status).toBe('OK');
  });

  it('makes the account by its link, once, with the address proven and without a session', async () => {
    const { url, token } = lastLink(stepgate, FREE);
    expect(url.pathname).toBe('/verify-email');
    const answers = await parallel(10, () => redeemVerification(stepgate.browser(), token));
    expect(answers.filter(({ body }) => body.status === 'OK')).toHaveLength(1);
    expect(answers.every(({ setCookies }) => setCookies.length === 0)).toBe(true);
    const { body } = await stepgate.browser().signIn(FREE, NEW);
    expect(body.user.loginMethods).toMatchObject([{ email: FREE, verified: true }]);
  });

  it('makes one account of two links for one address', async () => {
    const email = 'twice@example.com';
    await signUp(email);
    const first = lastLink(stepgate, email).token;
    await signUp(email);
    const page = stepgate.browser();
    expect((await redeemVerification(page, first)).body.status).toBe('OK');
    expect((await redeemVerification(page, lastLink(stepgate, email).token)).body.status).toBe(
      'EMAIL_VERIFICATION_INVALID_TOKEN_ERROR',
    );
  });

  it('says what is wrong with a password or an address before it looks anything up', async () => {
    const page = stepgate.browser();
    for (const email of [TAKEN, 'fresh@example.com']) {
      expect((await page.signUp(email, 'short')).body).toMatchObject({ status: 'FIELD_ERROR' });
    }
  });
});
