// A backup code stands in for what the policy says and nothing else, once, and only after a first factor. No first factor
// alone passes for a session that has one. @see ASVS 5.0 V6.3.4, V6.5.1; security.md §3.7

import { beforeAll, describe, expect, it } from 'vitest';
import { parallel } from '../support/stores.ts';
import { provePhone, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';
import { APPS, calls, codeAt, STEP, withApp } from '../support/totp.ts';

const stepgate = useStepgate();
const PHONE = '+36301234567';
const now = () => stepgate.clock.now();
const rules = (...require: unknown[]) => ({ mfaPolicy: { rules: [{ id: 'all', require }] } });
const NOT_WANTED = {
  status: 403,
  body: {
    message: 'invalid claim',
    claimValidationErrors: [{ id: 'st-mfa', reason: 'A backup code satisfies nothing that this session owes' }],
  },
};

/** An account with an app and ten codes. */
async function owner(email: string) {
  await stepgate.tenant('public', APPS);
  const own = await withApp(stepgate, email);
  return { ...own, codes: (await calls(own.page).makeCodes()).body.codes as readonly string[] };
}

beforeAll(() => stepgate.tenant('public', APPS));

describe('SEC-21: a backup code', () => {
  it('begins no session', async () => {
    const { codes } = await owner('first@example.com');
    const page = stepgate.browser();
    expect((await calls(page).useCode(codes[0]!)).status).toBe(401);
    expect((await calls(page).verify('000000')).status).toBe(401);
    const { firstFactors } = (await page.get('/auth/loginmethods')).body;
    expect(firstFactors).toContain('emailpassword');
    expect(firstFactors).not.toContain('totp');
    expect(firstFactors).not.toContain('backup-code');
  });

  it('is used by one of ten at the same time', async () => {
    const email = 'parallel@example.com';
    const { codes } = await owner(email);
    const pages = await parallel(10, () => signedIn(stepgate, email));
    const answers = await parallel(10, (i) => calls(pages[i]!).useCode(codes[0]!));
    const statuses = answers.map(({ body }) => body.status);
    expect(statuses.filter((status) => status === 'OK')).toHaveLength(1);
    expect(statuses.filter((status) => status === 'INVALID_BACKUP_CODE_ERROR')).toHaveLength(9);
    expect(pages.filter((page) => page.claims()['st-mfa'].v === true)).toHaveLength(1);
  });

  it('is good for its owner alone', async () => {
    const { codes } = await owner('hers@example.com');
    await owner('his@example.com');
    const his = await signedIn(stepgate, 'his@example.com');
    expect((await calls(his).useCode(codes[0]!)).body.status).toBe('INVALID_BACKUP_CODE_ERROR');
    const hers = await signedIn(stepgate, 'hers@example.com');
    expect((await calls(hers).useCode(codes[0]!)).body.status).toBe('OK');
  });

  it('counts for nothing where the policy does not take one, and stays unused', async () => {
    const email = 'unwanted@example.com';
    const { codes } = await owner(email);
    await stepgate.tenant('public', rules('totp'));
    const page = await signedIn(stepgate, email);
    expect((await page.mfaInfo()).body.factors.next).toEqual(['totp']);
    expect(await calls(page).useCode(codes[0]!)).toMatchObject(NOT_WANTED);
    await stepgate.tenant('public', { ...rules('totp'), secondFactors: ['totp', 'backup-code'] });
    expect(await calls(page).useCode(codes[0]!)).toMatchObject(NOT_WANTED);
    await stepgate.tenant('public', rules({ oneOf: ['totp', 'backup-code'] }));
    expect((await calls(page).useCode(codes[0]!)).body).toEqual({ status: 'OK', codesLeft: 9 });
  });

  it('is refused to a session that owes nothing', async () => {
    const { page, codes } = await owner('content@example.com');
    expect(await calls(page).useCode(codes[0]!)).toMatchObject(NOT_WANTED);
  });

  it('stands in for one factor, not for two', async () => {
    const email = 'two@example.com';
    const { page, codes, secret } = await owner(email);
    await stepgate.tenant('public', { firstEnrolment: 'open', mfaPolicy: { rules: [] }, secondFactors: ['otp-phone'] });
    await provePhone(stepgate, page, PHONE);
    await stepgate.tenant('public', { ...rules('totp', 'otp-phone'), backupCodeReplaces: ['totp', 'otp-phone'] });
    const pending = await signedIn(stepgate, email);
    expect((await calls(pending).useCode(codes[0]!)).body.status).toBe('OK');
    expect(pending.claims()['st-mfa']).toMatchObject({ v: false });
    expect((await pending.mfaInfo()).body.factors.next).toEqual(['otp-phone']);
    expect(await calls(pending).useCode(codes[1]!)).toMatchObject(NOT_WANTED);
    expect((await calls(pending).verify(codeAt(secret, now()))).body.status).toBe('OK');
    expect(pending.claims()['st-mfa']).toMatchObject({ v: true });
  });

  it('does not open the way to a new app past the one there is', async () => {
    const email = 'beside@example.com';
    await owner(email);
    const page = await signedIn(stepgate, email);
    expect((await calls(page).create('mine')).status).toBe(403);
    expect((await calls(page).makeCodes()).status).toBe(403);
  });
});

describe('SEC-21: an app', () => {
  it('of one account opens no other, and one that was removed meanwhile opens nothing', async () => {
    const hers = await owner('app-hers@example.com');
    await owner('app-his@example.com');
    stepgate.clock.advance(STEP);
    const his = await signedIn(stepgate, 'app-his@example.com');
    expect((await calls(his).verify(codeAt(hers.secret, now()))).body.status).toBe('INVALID_TOTP_ERROR');

    const pending = await signedIn(stepgate, 'app-hers@example.com');
    const fresh = await signedIn(stepgate, 'app-hers@example.com');
    await calls(fresh).useCode(hers.codes[0]!);
    const { secret } = (await calls(fresh).create('new')).body;
    await calls(fresh).enrol('new', codeAt(secret, now()));
    expect((await calls(fresh).remove(hers.name)).body.status).toBe('OK');
    stepgate.clock.advance(STEP);
    // Other sessions ended with the removal.
    expect((await calls(pending).verify(codeAt(hers.secret, now()))).status).toBe(401);
    const again = await signedIn(stepgate, 'app-hers@example.com');
    expect((await calls(again).verify(codeAt(hers.secret, now()))).body.status).toBe('INVALID_TOTP_ERROR');
  });
});
