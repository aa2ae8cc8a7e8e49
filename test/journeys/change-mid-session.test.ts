import { beforeEach, describe, expect, it } from 'vitest';
import type { Browser, Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { INVALID_CLAIM, passCode } from './steps.ts';

const stepgate = useStepgate();

const ADMINS_ONLY = {
  mfaPolicy: { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] }] },
};

/** Where a session is looked at anew. */
const LOOKS = [
  ['mfa/info', (page: Browser) => page.mfaInfo()],
  ['a refresh', (page: Browser) => page.refresh()],
] as const;

let counter = 0;

describe.each<Mode>(['cookie', 'header'])('a change in the middle of a session (%s mode)', (mode) => {
  let email = '';
  let userId = '';
  const admin = (method: 'PUT' | 'DELETE') =>
    stepgate.browser().send(method, `/admin/users/${userId}/roles/public/admin`);

  beforeEach(async () => {
    await stepgate.tenant('public', ADMINS_ONLY);
    counter += 1;
    email = `user-${counter}@example.com`;
    userId = await stepgate.user(email);
  });

  const signedIn = async () => {
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    return page;
  };

  it('asks for the code of a role granted meanwhile from the next refresh on', async () => {
    const page = await signedIn();
    await admin('PUT');
    expect((await page.me()).body).toMatchObject({ roles: [], mfa: { satisfied: true } });
    expect((await page.refresh()).status).toBe(200);
    expect(page.claims()).toMatchObject({ 'st-role': { v: ['admin'] }, 'st-mfa': { v: false } });
    expect(await page.me()).toMatchObject({ status: 403, body: INVALID_CLAIM });
    await passCode(stepgate, page, { email });
    expect((await page.me()).body).toMatchObject({ roles: ['admin'], mfa: { satisfied: true } });
  });

  it('asks for it at mfa/info, with a new access token and the old session', async () => {
    const page = await signedIn();
    const { sessionHandle, exp } = page.claims();
    const before = page.tokens();
    await admin('PUT');
    const info = await page.mfaInfo();
    expect(info.body.factors.next).toEqual(['otp-email']);
    expect(info.headers.get('front-token')).not.toBeNull();
    expect(page.tokens().access).not.toBe(before.access);
    expect(page.tokens().refresh).toBe(before.refresh);
    expect(page.claims()).toMatchObject({ sessionHandle, exp, 'st-mfa': { v: false }, 'st-role': { v: ['admin'] } });
    expect((await page.me()).status).toBe(403);
  });

  it('hands out no new token at mfa/info while nothing has changed', async () => {
    const page = await signedIn();
    const info = await page.mfaInfo();
    expect(info.headers.get('front-token')).toBeNull();
    expect(info.setCookies).toEqual([]);
  });

  it.each(LOOKS)('asks no longer for a role taken away, from %s on', async (_, look) => {
    await admin('PUT');
    const page = await signedIn();
    await admin('DELETE');
    expect((await page.me()).status).toBe(403);
    expect((await look(page)).status).toBe(200);
    expect(page.claims()).toMatchObject({ 'st-mfa': { v: true }, 'st-role': { v: [] } });
    expect((await page.me()).status).toBe(200);
  });

  it.each(LOOKS)('keeps asking for a requirement that is gone until %s', async (_, look) => {
    await admin('PUT');
    const page = await signedIn();
    await stepgate.tenant('public', { mfaPolicy: { rules: [] } });
    expect(await page.me()).toMatchObject({ status: 403, body: INVALID_CLAIM });
    expect((await look(page)).status).toBe(200);
    expect(page.claims()['st-mfa'].v).toBe(true);
    expect((await page.me()).status).toBe(200);
  });

  it('lets a session go on in which the factor was already passed', async () => {
    const page = await signedIn();
    await passCode(stepgate, page, { email });
    await admin('PUT');
    await page.refresh();
    expect(page.claims()['st-mfa'].v).toBe(true);
    expect((await page.me()).body.roles).toEqual(['admin']);
  });

  it('lets a user in who owes two codes since long after the sign-in, one after the other', async () => {
    const page = await signedIn();
    await stepgate.tenant('public', {
      mfaPolicy: { rules: [{ id: 'both', require: [{ allOfInAnyOrder: ['otp-email', 'otp-phone'] }] }] },
    });
    stepgate.clock.advance(3 * 3_600_000);
    expect((await page.refresh()).status).toBe(200);
    const first = await passCode(stepgate, page, { email });
    expect(first.body.status).toBe('OK');
    expect(page.claims()).toMatchObject({ 'st-mfa': { v: false } });
    expect(page.claims().exp - page.claims().iat).toBeGreaterThan(60);
    const expiries = first.setCookies.map((line) => Date.parse(/Expires=([^;]+)/.exec(line)![1]!));
    expect(expiries.filter((expiry) => expiry <= stepgate.clock.now())).toEqual([]);
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-phone']);
    const phoneNumber = `+3670123${4000 + counter}`;
    expect((await passCode(stepgate, page, { phoneNumber })).body.status).toBe('OK');
    expect((await page.me()).status).toBe(200);
  });
});
