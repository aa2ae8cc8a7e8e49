import { beforeAll, describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { askReset, auditOf, lastLink, redeemReset } from '../support/links.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const NEW = 'a lantern beside the quiet harbour';
const NEWER = 'seven umbrellas under one bridge';

describe.each<Mode>(['cookie', 'header'])('a forgotten password (%s mode)', (mode) => {
  const email = `forgot-${mode}@example.com`;
  let userId = '';

  beforeAll(async () => {
    await stepgate.tenant('public', { mfaPolicy: { rules: [] }, allowedOrigins: ['https://app.example.com'] });
    userId = await stepgate.user(email);
  });

  it('is chosen anew by a link in a mail, which begins no session and ends those there were', async () => {
    const before = stepgate.browser(mode);
    await before.signIn(email, PASSWORD);
    const page = stepgate.browser(mode);
    expect((await askReset(page, ` ${email.toUpperCase()}`)).body).toEqual({ status: 'OK' });
    const { url, token } = lastLink(stepgate, email);
    expect(url.origin + url.pathname).toBe('http://localhost:3001/reset-password');
    expect(url.searchParams.get('tenantId')).toBe('public');

    const answer = await redeemReset(page, token, NEW);
    expect(answer).toMatchObject({ status: 200, body: { status: 'OK' }, setCookies: [] });
    expect(answer.headers.get('front-token')).toBeNull();
    expect((await before.refresh()).status).toBe(401);
    expect((await page.signIn(email, PASSWORD)).body).toEqual({ status: 'WRONG_CREDENTIALS_ERROR' });
    expect((await page.signIn(email, NEW)).body.user.loginMethods[0].verified).toBe(true);
    expect(stepgate.lastMessage(email)?.subject).toContain('password was reset');
    expect(await auditOf(stepgate, userId)).toEqual(['password.reset']);
  });

  it('is changed by whoever knows the old one; other sessions end, this one goes on', async () => {
    const [page, other] = [stepgate.browser(mode), stepgate.browser(mode)];
    await page.signIn(email, NEW);
    await other.signIn(email, NEW);
    const handle = page.claims().sessionHandle;
    const body = { currentPassword: NEW, newPassword: NEWER };
    expect((await page.post('/auth/user/password/change', { ...body, currentPassword: 'not it' })).body).toEqual({
      status: 'WRONG_CREDENTIALS_ERROR',
    });
    expect((await page.post('/auth/user/password/change', body)).body).toEqual({ status: 'OK' });
    expect(page.claims().sessionHandle).toBe(handle);
    expect((await page.get('/auth/sessions')).body.sessions).toHaveLength(1);
    expect((await page.refresh()).status).toBe(200);
    expect((await other.refresh()).status).toBe(401);
    expect((await other.signIn(email, NEWER)).body.status).toBe('OK');
    expect(await auditOf(stepgate, userId)).toEqual(['password.reset', 'password.changed']);
    expect(stepgate.lastMessage(email)?.subject).toContain('password was changed');
  });

  it('leads to the pages of the front end that asked, if the tenant lists it', async () => {
    const ask = (origin: string) =>
      stepgate
        .browser(mode)
        .post(
          '/auth/user/password/reset/token',
          { formFields: [{ id: 'email', value: email }] },
          { headers: { origin, 'sec-fetch-site': 'same-site' } },
        );
    expect((await ask('https://app.example.com')).body.status).toBe('OK');
    expect(lastLink(stepgate, email).url.href).toMatch(/^https:\/\/app\.example\.com\/auth\/reset-password\?token=/);
  });
});

describe('a tenant without passwords', () => {
  it('has none to reset', async () => {
    await stepgate.tenant('no-passwords', { firstFactors: ['thirdparty'] });
    const answer = await askReset(stepgate.browser(), 'somebody@example.com', 'no-passwords');
    expect(answer).toMatchObject({ status: 400, body: { message: 'passwords are not in use here' } });
  });
});
