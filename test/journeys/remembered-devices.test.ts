/**
 * "Do not ask again on this device": a person types a code once in seven days per browser, everybody else's sign-in is
 * as before, and what must be shown now is asked for now. @see docs/flows/remembered-devices.md
 */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { DAY, isLetIn, MINUTE, rememberMe, REMEMBERING, storedDevices, typeCode } from '../support/remembered.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { APPS, calls, codeAt, enrolApp, STEP } from '../support/totp.ts';

const stepgate = useStepgate();
beforeEach(() => stepgate.tenant('public', REMEMBERING));

let made = 0;

describe.each<Mode>(['cookie', 'header'])('a remembered device (%s mode)', (mode) => {
  const begin = async (about: { roles?: readonly string[] } = {}) => {
    const email = `remembered-${(made += 1)}@example.com`;
    const userId = await stepgate.user(email, about);
    return { email, userId, page: stepgate.browser(mode) };
  };

  it('is not asked again for the days the tenant gives, and then it is', async () => {
    const { email, page } = await begin();
    expect(await isLetIn(page, email)).toBe(false);
    await typeCode(stepgate, page, email, { rememberDevice: true });
    const first = page.device();

    for (const days of [1, 3, 2.9]) {
      stepgate.clock.advance(days * DAY);
      expect((await page.signIn(email, PASSWORD)).body.status).toBe('OK');
      expect(page.claims()['st-mfa']).toEqual({ c: { emailpassword: expect.any(Number) }, v: true });
      expect((await page.me()).status).toBe(200);
    }
    expect(page.device()).not.toBe(first);
    stepgate.clock.advance(DAY);
    expect(await isLetIn(page, email)).toBe(false);
    expect((await page.me()).status).toBe(403);
  });

  it('says in its token that the policy is satisfied, and not that a second factor was shown', async () => {
    const { email, page } = await begin();
    await rememberMe(stepgate, page, email);
    expect(await isLetIn(page, email)).toBe(true);
    expect(page.claims()).toMatchObject({ scope: 'mfa', amr: ['pwd'], acr: 'urn:stepgate:single' });
    expect((await page.mfaInfo()).body.factors.next).toEqual([]);
  });

  it('stays remembered when its user signs out', async () => {
    const { email, page } = await begin();
    await rememberMe(stepgate, page, email);
    expect((await page.signOut()).status).toBe(200);
    expect(await isLetIn(page, email)).toBe(true);
  });

  it('is not trusted unless its user asks, and only where the tenant lets anybody', async () => {
    const { email, page } = await begin();
    await page.signIn(email, PASSWORD);
    await typeCode(stepgate, page, email);
    expect(page.device()).toBeDefined();
    expect(await isLetIn(page, email)).toBe(false);

    await stepgate.tenant('public', { mfaPolicy: REMEMBERING.mfaPolicy });
    const other = await begin();
    await rememberMe(stepgate, other.page, other.email);
    expect(other.page.device()).toBeUndefined();
    expect(other.page.claims()['st-device']).toBeUndefined();
    expect(await isLetIn(other.page, other.email)).toBe(false);
    expect(await storedDevices(stepgate, other.userId)).toEqual([]);
  });

  it('is one device: another browser of the same person is asked', async () => {
    const { email, page } = await begin();
    await rememberMe(stepgate, page, email);
    expect(await isLetIn(stepgate.browser(mode), email)).toBe(false);
    expect(await isLetIn(page, email)).toBe(true);
  });

  it('waives no step-up: changing factors asks for a code, and goes on with it', async () => {
    const { email, page } = await begin();
    await rememberMe(stepgate, page, email);
    expect(await isLetIn(page, email)).toBe(true);
    const refused = await page.put('/auth/mfa/factors/otp-email', {});
    expect(refused.status).toBe(403);
    expect(refused.body.claimValidationErrors[0].reason.message).toBe(
      'MFA factor is not fresh enough for this operation',
    );
    expect((await page.sendCode({ email: 'elsewhere@example.com' })).status).toBe(403);
    await typeCode(stepgate, page, email);
    expect(page.claims()['st-mfa'].c['otp-email']).toEqual(expect.any(Number));
    expect((await page.put('/auth/mfa/factors/otp-email', {})).body.status).toBe('OK');
  });

  it('is asked by a rule that always asks', async () => {
    const rules = [
      ...REMEMBERING.mfaPolicy.rules,
      { id: 'admins', when: "'admin' in user.roles", require: ['otp-email'], rememberable: false },
    ];
    await stepgate.tenant('public', { ...REMEMBERING, mfaPolicy: { rules } });
    const person = await begin();
    await rememberMe(stepgate, person.page, person.email);
    expect(await isLetIn(person.page, person.email)).toBe(true);
    const admin = await begin({ roles: ['admin'] });
    await rememberMe(stepgate, admin.page, admin.email);
    expect(await isLetIn(admin.page, admin.email)).toBe(false);
  });

  it('stands only for what it showed: a rule for another factor asks, also in a session it let in', async () => {
    const { email, userId, page } = await begin();
    await rememberMe(stepgate, page, email);
    expect(await isLetIn(page, email)).toBe(true);
    const admins = { id: 'admins', when: "'admin' in user.roles", require: ['otp-phone'] };
    await stepgate.tenant('public', {
      ...REMEMBERING,
      mfaPolicy: { rules: [...REMEMBERING.mfaPolicy.rules, admins] },
    });
    await stepgate.app().userAdmin.setRole(userId, 'public', 'admin', true);
    expect((await page.refresh()).status).toBe(200);
    expect(page.claims()['st-mfa'].v).toBe(false);
    expect(await isLetIn(page, email)).toBe(false);
  });

  it('loses what it waived at once when the tenant switches it off or gives fewer days', async () => {
    const { email, page } = await begin();
    await rememberMe(stepgate, page, email);
    stepgate.clock.advance(2 * DAY);
    expect(await isLetIn(page, email)).toBe(true);
    await stepgate.tenant('public', { ...REMEMBERING, rememberDevice: { days: 1 } });
    await page.refresh();
    expect(page.claims()['st-mfa'].v).toBe(false);
    await stepgate.tenant('public', REMEMBERING);
    await page.refresh();
    expect(page.claims()['st-mfa'].v).toBe(true);
    await stepgate.tenant('public', { mfaPolicy: REMEMBERING.mfaPolicy });
    await page.refresh();
    expect(page.claims()['st-mfa'].v).toBe(false);
  });

  it('is listed, and forgotten by its owner from anywhere, with effect on the session it let in', async () => {
    const { email, page } = await begin();
    await rememberMe(stepgate, page, email);
    expect(await isLetIn(page, email)).toBe(true);
    const elsewhere = stepgate.browser(mode);
    await elsewhere.signIn(email, PASSWORD);
    await typeCode(stepgate, elsewhere, email);

    const { body } = await elsewhere.get('/auth/devices');
    const [own, other] = body.devices;
    expect(own).toMatchObject({ kind: 'known', current: true, trusted: [] });
    const until = expect.any(Number);
    expect(other).toMatchObject({ kind: 'trusted', current: false, trusted: [{ factorId: 'otp-email', until }] });
    expect(other.trusted[0].until - stepgate.clock.now()).toBeGreaterThan(7 * DAY - MINUTE);
    expect(JSON.stringify(body)).not.toMatch(/[Hh]ash|fingerprint|d1\./);

    expect((await elsewhere.delete(`/auth/devices/${other.id}`)).body).toEqual({ status: 'OK' });
    expect((await elsewhere.delete(`/auth/devices/${other.id}`)).status).toBe(404);
    expect((await page.refresh()).status).toBe(200);
    expect(page.claims()['st-mfa'].v).toBe(false);
    expect(await isLetIn(page, email)).toBe(false);

    expect((await elsewhere.delete(`/auth/devices/${own.id}`)).body).toEqual({ status: 'OK' });
    expect(elsewhere.device()).toBeUndefined();
  });
});

describe.each<Mode>(['cookie', 'header'])('a policy that asks on new devices (%s mode)', (mode) => {
  const rules = [{ id: 'new', when: 'session.isNewDevice', require: ['otp-email'] }];
  beforeEach(() => stepgate.tenant('public', { mfaPolicy: { rules }, claims: { fresh: 'session.isNewDevice' } }));

  it('asks the first time, and knows the browser from then on, with nobody asking for it', async () => {
    const email = `new-device-${mode}@example.com`;
    const userId = await stepgate.user(email);
    const page = stepgate.browser(mode);
    expect(await isLetIn(page, email)).toBe(false);
    expect(page.device()).toBeUndefined();
    await typeCode(stepgate, page, email, { rememberDevice: true });
    expect(page.claims()).toMatchObject({ fresh: true, 'st-mfa': { v: true } });

    // What was true when the session began is true for as long as it lasts.
    await page.refresh();
    await page.mfaInfo();
    expect(page.claims().fresh).toBe(true);
    await typeCode(stepgate, page, email);
    expect(await storedDevices(stepgate, userId)).toMatchObject([{ trusted: {} }]);

    expect(await isLetIn(page, email)).toBe(true);
    expect(page.claims().fresh).toBe(false);
    await page.refresh();
    expect(page.claims()).toMatchObject({ fresh: false, 'st-mfa': { v: true } });
    expect((await page.mfaInfo()).body.factors.next).toEqual([]);
    expect(await isLetIn(stepgate.browser(mode), email)).toBe(false);
  });

  it('knows the browser an account was made in, and one that is back within ninety days', async () => {
    const everywhere = { mfaPolicy: { rules: [] }, claims: { fresh: 'session.isNewDevice' } };
    await stepgate.tenant('public', everywhere);
    const email = `signed-up-${mode}@example.com`;
    const page = stepgate.browser(mode);
    expect((await page.signUp(email, PASSWORD)).body.status).toBe('OK');
    expect(page.claims().fresh).toBe(true);
    for (const days of [80, 80]) {
      stepgate.clock.advance(days * DAY);
      expect(await isLetIn(page, email)).toBe(true);
      expect(page.claims().fresh).toBe(false);
    }
    stepgate.clock.advance(91 * DAY);
    await isLetIn(page, email);
    expect(page.claims().fresh).toBe(true);
  });
});

describe.each<Mode>(['cookie', 'header'])('an authenticator app on a remembered device (%s mode)', (mode) => {
  beforeEach(() => stepgate.tenant('public', { ...APPS, rememberDevice: { days: 7 } }));

  it('is not asked again; a backup code in its place earns no trust', async () => {
    const email = `app-${mode}@example.com`;
    const first = stepgate.browser(mode);
    await first.signUp(email, PASSWORD);
    const { secret } = await enrolApp(stepgate, first);
    const { codes } = (await calls(first).makeCodes()).body;

    const page = stepgate.browser(mode);
    expect(await isLetIn(page, email)).toBe(false);
    const totp = codeAt(secret, stepgate.clock.now());
    expect((await page.post('/auth/totp/verify', { totp, rememberDevice: true })).body.status).toBe('OK');
    stepgate.clock.advance(STEP);
    expect(await isLetIn(page, email)).toBe(true);
    expect((await page.get('/auth/devices')).body.devices[0]).toMatchObject({
      current: true,
      trusted: [{ factorId: 'totp' }],
    });

    const elsewhere = stepgate.browser(mode);
    expect(await isLetIn(elsewhere, email)).toBe(false);
    const used = await elsewhere.post('/auth/mfa/backup-codes/verify', { code: codes[0], rememberDevice: true });
    expect(used.body.status).toBe('OK');
    expect(await isLetIn(elsewhere, email)).toBe(false);
  });
});
