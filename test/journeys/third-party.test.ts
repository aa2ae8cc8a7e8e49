/**
 * Signing in at a provider, from the front end's first question to a session, against certified provider software: what
 * an application's social buttons do.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Mode } from '../support/browser.ts';
import { useOidcProvider } from '../support/oidc-provider.ts';
import { useStepgate } from '../support/stepgate.ts';
import { begin, configure, corp, finish } from '../support/third-party.ts';
import { passCode } from './steps.ts';

const stepgate = useStepgate();
const oidc = useOidcProvider();

beforeAll(async () => {
  await configure(stepgate, 'public', { mfaPolicy: { rules: [] }, providers: [corp(oidc.issuer())] });
  await configure(stepgate, 'careful', {
    mfaPolicy: { rules: [{ id: 'all', require: ['otp-email'] }] },
    providers: [corp(oidc.issuer())],
  });
  await configure(stepgate, 'shy', {
    mfaPolicy: { rules: [] },
    providers: [corp(oidc.issuer(), { requireEmail: false })],
  });
});

async function signIn(page: Browser, sub: string, tenantId?: string) {
  const started = await begin(page, tenantId === undefined ? {} : { tenantId });
  return finish(page, started, await oidc.visit(started.url.href, sub));
}

describe.each<Mode>(['cookie', 'header'])('a provider (%s mode)', (mode) => {
  it('leads to an account and a session, and to the same account the next time', async () => {
    const sub = `anna-${mode}`;
    oidc.person(sub, { email: `Anna-${mode}@Example.com`, email_verified: true });
    const page = stepgate.browser(mode);
    const first = await signIn(page, sub);
    expect(first.body).toMatchObject({
      status: 'OK',
      createdNewRecipeUser: true,
      user: {
        isPrimaryUser: false,
        emails: [`anna-${mode}@example.com`],
        thirdParty: [{ id: 'corp', userId: sub }],
        loginMethods: [{ recipeId: 'thirdparty', verified: true, thirdParty: { id: 'corp', userId: sub } }],
      },
    });
    expect((await page.me()).status).toBe(200);
    expect(page.claims()['st-mfa']).toMatchObject({ v: true, c: { thirdparty: expect.any(Number) } });
    expect((await page.refresh()).status).toBe(200);

    const again = await signIn(stepgate.browser(mode), sub);
    expect(again.body).toMatchObject({ status: 'OK', createdNewRecipeUser: false, user: { id: first.body.user.id } });
  });

  it('SEC-21: owes the factor that the policy asks for, and takes its code', async () => {
    const sub = `bela-${mode}`;
    const email = `${sub}@example.com`;
    oidc.person(sub, { email, email_verified: true });
    const page = stepgate.browser(mode, 'careful');
    expect((await signIn(page, sub, 'careful')).body.status).toBe('OK');
    expect(page.claims()).toMatchObject({ 'st-mfa': { v: false }, aud: 'http://localhost:3001/mfa-pending' });
    expect((await page.me()).status).toBe(403);
    expect((await page.mfaInfo()).body).toMatchObject({
      factors: { next: ['otp-email'] },
      emails: { 'otp-email': [email] },
    });
    expect((await passCode(stepgate, page, { email })).body.status).toBe('OK');
    expect((await page.me()).status).toBe(200);

    const again = stepgate.browser(mode, 'careful');
    const back = await signIn(again, sub, 'careful');
    expect(back.body.user).toMatchObject({ isPrimaryUser: true, loginMethods: [{}, { recipeId: 'passwordless' }] });
    expect((await again.me()).status).toBe(403);
  });

  it('SEC-42: does not let a disabled account in', async () => {
    const sub = `cili-${mode}`;
    oidc.person(sub, { email: `${sub}@example.com`, email_verified: true });
    const page = stepgate.browser(mode);
    const { id } = (await signIn(page, sub)).body.user;
    await stepgate.browser().send('PATCH', `/admin/users/${id}`, { status: 'disabled' });
    const refused = await signIn(stepgate.browser(mode), sub);
    expect(refused.body).toEqual({
      status: 'SIGN_IN_UP_NOT_ALLOWED',
      reason: expect.stringMatching(/security reasons.*\(ERR_CODE_004\)$/),
    });
    expect(refused.headers.get('front-token')).toBeNull();
    expect((await page.refresh()).status).toBe(401);
  });

  it('frees the identity when the account is deleted: the next time makes another', async () => {
    const sub = `dora-${mode}`;
    oidc.person(sub, { email: `${sub}@example.com`, email_verified: true });
    const { id } = (await signIn(stepgate.browser(mode), sub)).body.user;
    const find = async () =>
      (await stepgate.browser().get(`/admin/users?thirdParty=${encodeURIComponent(`corp|${sub}`)}`)).body.users;
    expect(await find()).toMatchObject([{ id }]);
    expect((await stepgate.browser().delete(`/admin/users/${id}`)).status).toBe(200);
    expect(await find()).toEqual([]);
    const second = await signIn(stepgate.browser(mode), sub);
    expect(second.body).toMatchObject({ status: 'OK', createdNewRecipeUser: true });
    expect(second.body.user.id).not.toBe(id);
  });

  it('says so where the provider gives no address, and goes on without where none is needed', async () => {
    const sub = `emil-${mode}`;
    oidc.person(sub, {});
    expect((await signIn(stepgate.browser(mode), sub)).body).toEqual({ status: 'NO_EMAIL_GIVEN_BY_PROVIDER' });
    const page = stepgate.browser(mode, 'shy');
    const made = await signIn(page, sub, 'shy');
    const email = `${sub}.corp@stfakeemail.supertokens.com`;
    expect(made.body).toMatchObject({ status: 'OK', user: { emails: [email], loginMethods: [{ email }] } });
    expect((await page.me()).status).toBe(200);
    expect((await stepgate.app().users.load(made.body.user.id))?.loginMethods[0]).not.toHaveProperty('email');
  });

  it('is offered by name', async () => {
    expect((await stepgate.browser(mode).get('/auth/loginmethods')).body).toMatchObject({
      thirdParty: { enabled: true, providers: [{ id: 'corp', name: 'Corp' }] },
      firstFactors: expect.arrayContaining(['emailpassword', 'thirdparty']),
    });
  });
});
