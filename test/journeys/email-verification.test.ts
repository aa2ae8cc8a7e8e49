import { beforeAll, describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { askVerification, auditOf, lastLink, redeemVerification } from '../support/links.ts';
import { codeSent, OPEN, proveEmail } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const NOBODY = { mfaPolicy: { rules: [] } };
const UNVERIFIED = {
  message: 'invalid claim',
  claimValidationErrors: [{ id: 'st-ev', reason: { message: 'wrong value', expectedValue: true, actualValue: false } }],
};

describe.each<Mode>(['cookie', 'header'])('proving an address (%s mode)', (mode) => {
  const email = (name: string) => `${name}-${mode}@example.com`;

  async function signedUp(name: string) {
    const page = stepgate.browser(mode);
    const { body } = await page.signUp(email(name), PASSWORD);
    return { page, userId: String(body.user.id) };
  }

  describe('where it is required', () => {
    beforeAll(() => stepgate.tenant('public', { ...NOBODY, emailVerification: 'REQUIRED' }));

    it('keeps protected routes shut until the link was followed', async () => {
      const { page, userId } = await signedUp('required');
      expect(page.claims()['st-ev']).toMatchObject({ v: false });
      expect(page.claims()).toMatchObject({ aud: 'http://localhost:3001/mfa-pending', scope: '' });
      expect(await page.me()).toMatchObject({ status: 403, body: UNVERIFIED });
      expect((await page.get('/auth/user/email/verify')).body).toEqual({ status: 'OK', isVerified: false });

      expect((await askVerification(page)).body).toEqual({ status: 'OK' });
      const { url, token } = lastLink(stepgate, email('required'));
      expect(url.pathname).toBe('/verify-email');
      const { sessionHandle } = page.claims();
      expect((await redeemVerification(page, token)).body).toEqual({ status: 'OK' });
      expect(page.claims()).toMatchObject({ sessionHandle, 'st-ev': { v: true }, aud: 'http://localhost:3001' });
      expect((await page.me()).status).toBe(200);
      expect((await page.refresh()).status).toBe(200);
      expect(page.claims()['st-ev'].v).toBe(true);
      expect(await auditOf(stepgate, userId)).toEqual(['email.verified']);
      expect((await askVerification(page)).body).toEqual({ status: 'EMAIL_ALREADY_VERIFIED_ERROR' });
    });

    it('takes the link in another browser, which begins no session there', async () => {
      const { page } = await signedUp('elsewhere');
      await askVerification(page);
      const other = stepgate.browser(mode);
      const answer = await redeemVerification(other, lastLink(stepgate, email('elsewhere')).token);
      expect(answer).toMatchObject({ status: 200, body: { status: 'OK' }, setCookies: [] });
      expect(other.claims()).toBeUndefined();
      expect((await page.me()).status).toBe(403);
      expect((await page.get('/auth/user/email/verify')).body).toEqual({ status: 'OK', isVerified: true });
      expect((await page.me()).status).toBe(200);
    });

    it('counts a code to the address as its proof, at once', async () => {
      const name = 'by-code';
      await stepgate.tenant('public', { ...OPEN, emailVerification: 'REQUIRED' });
      const { page } = await signedUp(name);
      await proveEmail(stepgate, page, email(name));
      expect(page.claims()['st-ev'].v).toBe(true);
      expect((await page.me()).status).toBe(200);
    });
  });

  describe('where it is optional', () => {
    beforeAll(() => stepgate.tenant('public', { ...NOBODY, emailVerification: 'OPTIONAL' }));

    it('is a claim that keeps nobody out', async () => {
      const { page } = await signedUp('optional');
      expect(page.claims()['st-ev']).toMatchObject({ v: false });
      expect((await page.me()).status).toBe(200);
      const before = page.claims()['st-ev'].t;
      await page.get('/auth/user/email/verify');
      expect(page.claims()['st-ev'].t).toBeGreaterThan(before);
    });
  });

  describe('where it is off', () => {
    beforeAll(() => stepgate.tenant('public', NOBODY));

    it('is in no token, and a link still works', async () => {
      const { page } = await signedUp('off');
      expect(page.claims()).not.toHaveProperty('st-ev');
      await askVerification(page);
      const { token } = lastLink(stepgate, email('off'));
      expect((await redeemVerification(page, token)).body).toEqual({ status: 'OK' });
      expect((await page.get('/auth/user/email/verify')).body).toEqual({ status: 'OK', isVerified: true });
    });

    it('leaves tokens at the next look where it was on before', async () => {
      await stepgate.tenant('public', { ...NOBODY, emailVerification: 'REQUIRED' });
      const { page } = await signedUp('switched-off');
      await stepgate.tenant('public', NOBODY);
      await page.mfaInfo();
      expect(page.claims()).not.toHaveProperty('st-ev');
      expect((await page.me()).status).toBe(200);
    });
  });

  it('is asked before a second factor at a new address, where the tenant says so', async () => {
    await stepgate.tenant('public', { ...OPEN, emailVerification: 'OPTIONAL', secondFactorNeedsVerifiedEmail: true });
    const { page } = await signedUp('linking');
    const phoneNumber = mode === 'cookie' ? '+36301234571' : '+36301234572';
    const device = await codeSent(page, { phoneNumber });
    const code = stepgate.lastCode(phoneNumber);
    expect(await page.consume(device, code)).toMatchObject({ status: 403, body: UNVERIFIED });
    await askVerification(page);
    await redeemVerification(page, lastLink(stepgate, email('linking')).token);
    expect((await page.consume(device, code)).body.status).toBe('OK');
  });
});
