import { beforeAll, describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();

const APP = 'https://app.example.com';
const ALL = ['otp-email', 'otp-phone', 'link-email', 'link-phone'];

let made = 0;
const newEmail = () => `person-${(made += 1)}@example.com`;
const newPhone = () => `+3630123${4000 + (made += 1)}`;

describe.each<Mode>(['cookie', 'header'])('signing in without a password (%s mode)', (mode) => {
  beforeAll(async () => {
    await stepgate.tenant('public', {});
    await stepgate.tenant('links', { flowType: 'MAGIC_LINK', allowedOrigins: [APP] });
    await stepgate.tenant('both', { flowType: 'USER_INPUT_CODE_AND_MAGIC_LINK', websiteBasePath: '' });
  });

  it.each([
    ['mail', () => ({ email: newEmail() })],
    ['text message', () => ({ phoneNumber: newPhone() })],
  ])('makes an account with the first code by %s, and finds it again with the next', async (_, contactOf) => {
    const contact = contactOf();
    const to = 'email' in contact ? contact.email : contact.phoneNumber;
    const factor = 'email' in contact ? 'otp-email' : 'otp-phone';
    const page = stepgate.browser(mode);
    const started = await page.startCode(contact);
    expect(started).toMatchObject({ status: 200, setCookies: [] });
    expect(started.body).toEqual({
      status: 'OK',
      deviceId: expect.any(String),
      preAuthSessionId: expect.any(String),
      flowType: 'USER_INPUT_CODE',
    });
    expect(stepgate.lastMessage(to)?.link).toBeUndefined();

    const signedUp = await page.enterCode(started.body, stepgate.lastCode(to));
    expect(signedUp.body).toMatchObject({
      status: 'OK',
      createdNewRecipeUser: true,
      user: {
        isPrimaryUser: false,
        tenantIds: ['public'],
        loginMethods: [{ recipeId: 'passwordless', verified: true }],
      },
    });
    expect(page.claims()).toMatchObject({
      firstFactor: factor,
      'st-mfa': { c: { [factor]: expect.any(Number) }, v: true },
    });
    expect((await page.me()).status).toBe(200);
    expect((await page.refresh()).status).toBe(200);

    const other = stepgate.browser(mode);
    const again = await other.startCode(contact);
    const signedIn = await other.enterCode(again.body, stepgate.lastCode(to));
    expect(signedIn.body).toMatchObject({
      status: 'OK',
      createdNewRecipeUser: false,
      user: { id: signedUp.body.user.id },
    });
    expect(other.claims().sessionHandle).not.toBe(page.claims().sessionHandle);
  });

  it('lets a link in from another browser, with no more than what is in the message', async () => {
    const email = newEmail();
    const asking = stepgate.browser(mode, 'links');
    const started = await asking.startCode({ email }, { headers: { origin: APP } });
    expect(started.body).toMatchObject({ status: 'OK', flowType: 'MAGIC_LINK' });
    const link = new URL(stepgate.lastLink(email));
    expect(link.origin + link.pathname).toBe(`${APP}/auth/verify`);
    expect(Object.fromEntries(link.searchParams)).toEqual({
      preAuthSessionId: started.body.preAuthSessionId,
      tenantId: 'links',
    });
    expect(link.hash.slice(1)).toMatch(/^[\w-]{43}$/);
    expect(stepgate.lastMessage(email)?.code).toBeUndefined();

    const elsewhere = stepgate.browser(mode, 'links');
    expect((await elsewhere.enterLink(link.href)).body).toMatchObject({ status: 'OK', createdNewRecipeUser: true });
    expect(elsewhere.claims()).toMatchObject({ tId: 'links', firstFactor: 'link-email' });
    expect((await elsewhere.me()).status).toBe(200);
    expect((await asking.me()).status).toBe(401);
    expect((await asking.enterLink(link.href)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
  });

  it.each(['code', 'link'])('sends both by mail and takes the %s, once for the two of them', async (used) => {
    const email = newEmail();
    const page = stepgate.browser(mode, 'both');
    const { body: device } = await page.startCode({ email });
    expect(device.flowType).toBe('USER_INPUT_CODE_AND_MAGIC_LINK');
    const [code, link] = [stepgate.lastCode(email), stepgate.lastLink(email)];
    expect(link).toMatch(/^http:\/\/localhost:3001\/verify\?/);
    const [first, second] =
      used === 'code'
        ? [await page.enterCode(device, code), await page.enterLink(link)]
        : [await page.enterLink(link), await page.enterCode(device, code)];
    expect(first.body.status).toBe('OK');
    expect(page.claims().firstFactor).toBe(used === 'code' ? 'otp-email' : 'link-email');
    expect(second.body).toEqual({ status: 'RESTART_FLOW_ERROR' });
  });

  it('sends both by text message too', async () => {
    const phoneNumber = newPhone();
    const page = stepgate.browser(mode, 'both');
    const { body: device } = await page.startCode({ phoneNumber });
    expect(device.flowType).toBe('USER_INPUT_CODE_AND_MAGIC_LINK');
    expect(stepgate.lastMessage(phoneNumber)?.text).toMatch(
      new RegExp(`\n@localhost #${stepgate.lastCode(phoneNumber)}$`),
    );
    expect((await page.enterLink(stepgate.lastLink(phoneNumber))).body.status).toBe('OK');
    expect(page.claims().firstFactor).toBe('link-phone');
  });

  it('sends a new code and a new link on the same device; those of before are worth nothing', async () => {
    const email = newEmail();
    const page = stepgate.browser(mode, 'both');
    const { body: device } = await page.startCode({ email });
    const before = { code: stepgate.lastCode(email), link: stepgate.lastLink(email) };
    expect((await page.restartCode(device)).body).toMatchObject({ status: 'GENERAL_ERROR' });
    stepgate.clock.advance(2_000);
    expect((await page.restartCode(device)).body).toEqual({ status: 'OK' });
    expect(stepgate.lastLink(email)).not.toBe(before.link);
    expect((await page.enterLink(before.link)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    if (stepgate.lastCode(email) !== before.code) {
      expect((await page.enterCode(device, before.code)).body).toMatchObject({
        status: 'INCORRECT_USER_INPUT_CODE_ERROR',
        failedCodeInputAttemptCount: 1,
        maximumCodeInputAttempts: 5,
      });
    }
    expect((await page.enterLink(stepgate.lastLink(email))).body.status).toBe('OK');
  });

  it('tells what there is, and whether a contact has an account of the kind', async () => {
    const email = newEmail();
    const phoneNumber = newPhone();
    const page = stepgate.browser(mode, 'both');
    const exists = async (query: string) => (await page.get(`/auth/both/passwordless/${query}`)).body;
    const asked = [
      `email/exists?email=${encodeURIComponent(email.toUpperCase())}`,
      `phonenumber/exists?phoneNumber=${encodeURIComponent(phoneNumber)}`,
    ];
    for (const query of asked) expect(await exists(query)).toEqual({ status: 'OK', exists: false });
    await page.enterCode((await page.startCode({ email })).body, stepgate.lastCode(email));
    await page.enterCode((await page.startCode({ phoneNumber })).body, stepgate.lastCode(phoneNumber));
    for (const query of asked) expect(await exists(query)).toEqual({ status: 'OK', exists: true });
    expect((await page.get(`/auth/emailpassword/email/exists?email=${email}`)).body).toEqual({
      status: 'OK',
      exists: false,
    });
    expect(await exists('email/exists?email=nobody')).toEqual({ status: 'OK', exists: false });
  });
});

describe('what a tenant lets begin a session', () => {
  it.each([
    [{}, ['emailpassword', 'otp-email', 'otp-phone']],
    [{ contactMethod: 'EMAIL' }, ['emailpassword', 'otp-email']],
    [{ contactMethod: 'PHONE', flowType: 'MAGIC_LINK' }, ['emailpassword', 'link-phone']],
    [{ flowType: 'USER_INPUT_CODE_AND_MAGIC_LINK' }, ['emailpassword', ...ALL]],
    [{ firstFactors: ['link-email'] }, ['link-email']],
    [{ firstFactors: ['link-email', 'otp-phone'] }, ['link-email', 'otp-phone']],
    [{ firstFactors: ['link-email'], flowType: 'USER_INPUT_CODE' }, []],
    [{ firstFactors: ['otp-phone'], contactMethod: 'EMAIL' }, []],
  ])('of %j it is %j', async (attributes, firstFactors) => {
    await stepgate.tenant('some', attributes);
    expect((await stepgate.browser().get('/auth/some/loginmethods')).body.firstFactors).toEqual(firstFactors);
  });

  it.each([
    [{ firstFactors: ['emailpassword'] }, { email: 'a@example.com' }],
    [{ firstFactors: ['otp-phone'] }, { email: 'a@example.com' }],
    [{ firstFactors: ['link-email'] }, { phoneNumber: '+36301234567' }],
  ])('%j refuses %j as a missing session is refused', async (attributes, contact) => {
    await stepgate.tenant('some', attributes);
    const answer = await stepgate.browser('header', 'some').startCode(contact);
    expect(answer).toMatchObject({ status: 401, body: { message: 'unauthorised' } });
    expect(answer.headers.get('front-token')).toBe('remove');
  });

  it('refuses a kind of contact that is not in use, and takes no code of a factor that was switched off', async () => {
    await stepgate.tenant('some', { contactMethod: 'EMAIL' });
    const page = stepgate.browser('header', 'some');
    expect((await page.startCode({ phoneNumber: '+36301234567' })).status).toBe(400);
    const { body: device } = await page.startCode({ email: 'off@example.com' });
    await stepgate.tenant('some', { firstFactors: ['emailpassword'] });
    expect((await page.enterCode(device, stepgate.lastCode('off@example.com'))).status).toBe(401);
    expect((await page.restartCode(device)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    expect((await page.get('/auth/some/passwordless/email/exists?email=off@example.com')).body.exists).toBe(false);
  });
});
