import { beforeEach, describe, expect, it } from 'vitest';
import type { Browser, Mode } from '../support/browser.ts';
import { itemsUnder, proveEmail } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();

const PATH = '/auth/mfa/factors';
const OTP_EMAIL = `${PATH}/otp-email`;
const MINUTE = 60_000;

const ADMINS = { id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] };
const LISTS = [
  { id: 'user', requireFrom: 'user' },
  { id: 'tenant', requireFrom: 'tenant' },
];

let users = 0;
let email = '';
let userId = '';

beforeEach(async () => {
  await stepgate.tenant('public', {});
  email = `person-${(users += 1)}@example.com`;
  userId = await stepgate.user(email);
});

const signedIn = async (mode: Mode = 'cookie') => {
  const page = stepgate.browser(mode);
  await page.signIn(email, PASSWORD);
  return page;
};
const withCode = async (mode: Mode = 'cookie') => {
  const page = await signedIn(mode);
  await proveEmail(stepgate, page, email);
  return page;
};
const mail = async (page: Browser) =>
  (await page.get(PATH)).body.factors.find(({ factorId }: { factorId: string }) => factorId === 'otp-email');
const ownList = async () => (await stepgate.browser().get(`/admin/users/${userId}`)).body.user.requiredFactors;

const NOTHING = { setUp: false, required: false, requiredBy: [], canDisable: false };

describe('GET /auth/mfa/factors', () => {
  it('shows what the tenant offers to a user who has nothing', async () => {
    expect(await (await signedIn()).get(PATH)).toMatchObject({
      status: 200,
      body: {
        status: 'OK',
        factors: [
          { factorId: 'otp-email', available: true, ...NOTHING },
          { factorId: 'otp-phone', available: true, ...NOTHING },
        ],
      },
    });
    await stepgate.tenant('public', { contactMethod: 'PHONE' });
    expect((await (await signedIn()).get(PATH)).body.factors).toEqual([
      { factorId: 'otp-phone', available: true, ...NOTHING },
    ]);
  });

  it('shows where a factor that is set up sends, masked', async () => {
    const page = await withCode();
    expect(await mail(page)).toEqual({
      factorId: 'otp-email',
      available: true,
      setUp: true,
      required: false,
      requiredBy: [],
      canDisable: false,
      contact: 'p•••@example.com',
    });
  });

  it.each<[string, Readonly<Record<string, unknown>>, readonly string[], readonly string[], boolean]>([
    ['the user', {}, ['otp-email'], ['user'], true],
    ['a rule', { mfaPolicy: { rules: [{ id: 'all', require: ['otp-email'] }] } }, [], ['rule:all'], false],
    ['the tenant', { requiredSecondaryFactors: ['otp-email', 'otp-phone'] }, [], ['tenant'], false],
    ['the user and the tenant', { requiredSecondaryFactors: ['otp-email'] }, ['otp-email'], ['user', 'tenant'], false],
    [
      'everybody',
      {
        requiredSecondaryFactors: ['otp-email'],
        mfaPolicy: { rules: [{ id: 'all', require: ['otp-email'] }, ...LISTS] },
      },
      ['otp-email'],
      ['rule:all', 'user', 'tenant'],
      false,
    ],
    [
      'a merged choice',
      { requiredSecondaryFactors: ['otp-phone'], mfaPolicy: { rules: LISTS, merge: 'any' } },
      ['otp-email'],
      ['user', 'tenant'],
      false,
    ],
    ['nobody: a rule for others', { mfaPolicy: { rules: [ADMINS] } }, [], [], false],
  ])('says who requires it: %s', async (_, attributes, required, requiredBy, canDisable) => {
    await stepgate.tenant('public', attributes);
    for (const id of required) await stepgate.browser().put(`/admin/users/${userId}/factors/${id}`);
    expect(await mail(await withCode())).toMatchObject({ required: requiredBy.length > 0, requiredBy, canDisable });
  });

  it('lists a factor that is demanded and not offered as not available', async () => {
    await stepgate.tenant('public', {
      secondFactors: ['otp-email'],
      mfaPolicy: { rules: [{ id: 'a', require: [{ oneOf: ['otp-email', 'totp'] }] }] },
    });
    expect((await (await withCode()).get(PATH)).body.factors).toContainEqual({
      factorId: 'totp',
      available: false,
      setUp: false,
      required: false,
      requiredBy: [],
      canDisable: false,
      alternatives: ['otp-email'],
    });
  });

  describe('of a choice', () => {
    const EITHER = { requiredSecondaryFactors: ['otp-email', 'otp-phone'] };
    const both = async (page: Browser) => (await page.get(PATH)).body.factors;

    it('requires what is set up while nothing else is, and names what would do instead', async () => {
      await stepgate.tenant('public', EITHER);
      expect(await both(await withCode())).toMatchObject([
        { factorId: 'otp-email', required: true, requiredBy: ['tenant'], alternatives: ['otp-phone'] },
        { factorId: 'otp-phone', required: false, requiredBy: [], alternatives: ['otp-email'] },
      ]);
    });

    it('requires neither when both are set up', async () => {
      const page = await withCode();
      const sent = await page.sendCode({ phoneNumber: '+36301234567' });
      await page.consume(sent.body, stepgate.lastCode('+36301234567'));
      await stepgate.tenant('public', EITHER);
      expect(await both(page)).toMatchObject([
        { factorId: 'otp-email', setUp: true, required: false, requiredBy: [], alternatives: ['otp-phone'] },
        { factorId: 'otp-phone', setUp: true, required: false, requiredBy: [], alternatives: ['otp-email'] },
      ]);

      await page.put(OTP_EMAIL, {});
      expect(await mail(page)).toMatchObject({ required: true, requiredBy: ['user'], canDisable: true });
      expect(await mail(page)).not.toHaveProperty('alternatives');
      expect((await page.delete(OTP_EMAIL)).body).toEqual({ status: 'OK' });
    });

    it('keeps the user from switching off the only one that is set up', async () => {
      await stepgate.tenant('public', EITHER);
      const page = await withCode();
      await page.put(OTP_EMAIL, {});
      expect(await mail(page)).toMatchObject({ requiredBy: ['user', 'tenant'], canDisable: false });
      expect((await page.delete(OTP_EMAIL)).body).toMatchObject({
        status: 'FACTOR_REQUIRED_ERROR',
        requiredBy: ['tenant'],
      });
    });
  });

  it('wants a session that owes nothing', async () => {
    expect((await stepgate.browser().get(PATH)).status).toBe(401);
    await stepgate.tenant('public', { requiredSecondaryFactors: ['otp-email'] });
    const page = await signedIn();
    expect(await page.get(PATH)).toMatchObject({ status: 403, body: { message: 'invalid claim' } });
    for (const answer of [await page.put(OTP_EMAIL, {}), await page.delete(OTP_EMAIL)]) {
      expect(answer).toMatchObject({ status: 403, body: { claimValidationErrors: [{ id: 'st-mfa' }] } });
    }
  });
});

describe('PUT /auth/mfa/factors/{factorId}', () => {
  it('puts the factor on the user’s own list, as often as it is said', async () => {
    const page = await withCode();
    expect(await page.put(OTP_EMAIL, {})).toMatchObject({ status: 200, body: { status: 'OK' } });
    expect((await page.put(OTP_EMAIL, {})).body).toEqual({ status: 'OK' });
    expect(await ownList()).toEqual(['otp-email']);
    expect(await mail(page)).toMatchObject({ required: true, requiredBy: ['user'], canDisable: true });
  });

  it('needs no fresh factor where there is none yet', async () => {
    const page = await signedIn();
    stepgate.clock.advance(10 * MINUTE);
    expect((await page.put(OTP_EMAIL, {})).body).toEqual({ status: 'OK' });
  });

  it.each(['totp', 'emailpassword', 'nothing'])('refuses %s, which is not offered', async (id) => {
    expect(await (await signedIn()).put(`${PATH}/${id}`, {})).toMatchObject({
      status: 400,
      body: { message: 'this factor is not offered' },
    });
    expect(await ownList()).toEqual([]);
  });

  it('refuses what could not be a factor id', async () => {
    const page = await signedIn();
    for (const id of ['OTP-EMAIL', 'a%23b', 'x'.repeat(41)])
      expect((await page.put(`${PATH}/${id}`, {})).status).toBe(400);
  });
});

describe('DELETE /auth/mfa/factors/{factorId}', () => {
  it('takes the factor off the user’s own list, as often as it is said', async () => {
    await stepgate.browser().put(`/admin/users/${userId}/factors/otp-email`);
    const page = await withCode();
    expect((await page.delete(OTP_EMAIL)).body).toEqual({ status: 'OK' });
    expect((await page.delete(OTP_EMAIL)).body).toEqual({ status: 'OK' });
    expect(await ownList()).toEqual([]);
    expect(await mail(page)).toMatchObject({ setUp: true, required: false });
  });

  it.each<[string, Readonly<Record<string, unknown>>, readonly string[], string]>([
    ['a rule', { mfaPolicy: { rules: [{ id: 'all', require: ['otp-email'] }, LISTS[0]] } }, ['rule:all'], 'rule all'],
    ['the tenant', { requiredSecondaryFactors: ['otp-email'] }, ['tenant'], 'the tenant'],
    [
      'both',
      {
        requiredSecondaryFactors: ['otp-email'],
        mfaPolicy: { rules: [{ id: 'all', require: ['otp-email'] }, ...LISTS] },
      },
      ['rule:all', 'tenant'],
      'rule all and the tenant',
    ],
  ])('refuses what is required by %s, and says so', async (_, attributes, requiredBy, named) => {
    await stepgate.tenant('public', attributes);
    await stepgate.browser().put(`/admin/users/${userId}/factors/otp-email`);
    const refused = await (await withCode()).delete(OTP_EMAIL);
    expect(refused.status).toBe(200);
    expect(refused.body).toEqual({
      status: 'FACTOR_REQUIRED_ERROR',
      requiredBy,
      reason: `otp-email is required by ${named} and cannot be switched off`,
    });
    expect(await ownList()).toEqual(['otp-email']);
  });
});

describe.each<Mode>(['cookie', 'header'])('changing factors (%s mode)', (mode) => {
  it.each(['PUT', 'DELETE'])(
    'by %s wants a second factor of the last five minutes, where there is one',
    async (method) => {
      const page = await withCode(mode);
      const change = () => page.send(method, OTP_EMAIL);
      stepgate.clock.advance(5 * MINUTE + 1_000);
      const stale = await change();
      expect(stale.status).toBe(403);
      expect(stale.body).toEqual({
        message: 'invalid claim',
        claimValidationErrors: [
          {
            id: 'st-mfa',
            reason: { message: 'MFA factor is not fresh enough for this operation', maxAgeInSeconds: 300 },
          },
        ],
      });
      // RFC 9470, for callers that are no FDI front end.
      expect(stale.headers.get('www-authenticate')).toBe(
        'Bearer error="insufficient_user_authentication", error_description="A more recent second factor is required", ' +
          'acr_values="urn:stepgate:mfa", max_age=300',
      );
      await proveEmail(stepgate, page, email);
      expect((await change()).body).toEqual({ status: 'OK' });
    },
  );

  it('ends the user’s other sessions and goes on with this one', async () => {
    const other = await signedIn(mode);
    const page = await withCode(mode);
    const { sessionHandle } = page.claims();
    const changed = await page.put(OTP_EMAIL, {});
    expect(changed.headers.get('front-token')).not.toBeNull();
    expect((await other.refresh()).status).toBe(401);
    expect((await other.mfaInfo()).status).toBe(401);
    expect((await page.me()).status).toBe(200);
    expect((await page.mfaInfo()).status).toBe(200);
    expect((await page.refresh()).status).toBe(200);
    expect(page.claims()).toMatchObject({ sessionHandle, 'st-mfa': { v: true } });
  });

  it('leaves the others alone where the tenant says so', async () => {
    await stepgate.tenant('public', { endSessionsOnFactorChange: false });
    const other = await signedIn(mode);
    const page = await signedIn(mode);
    await page.put(OTP_EMAIL, {});
    expect((await other.refresh()).status).toBe(200);
    expect(other.claims()['st-mfa'].v).toBe(false);
  });

  it('is written down', async () => {
    const page = await withCode(mode);
    await page.put(OTP_EMAIL, {});
    stepgate.clock.advance(1);
    await page.delete(OTP_EMAIL);
    const events = (await itemsUnder(stepgate, `AUDIT#${userId}#`)).map(({ event }) => event);
    expect(events).toEqual(expect.arrayContaining(['factor.enabled', 'factor.disabled']));
  });
});
