/** supertokens-web-js without screens: what an application with forms of its own calls, over the life of a session. */
import { describe, expect, it, vi } from 'vitest';
import { noChromium } from '../support/chromium.ts';
import {
  askForCode,
  call,
  events,
  hasSession,
  mfaInfo,
  ownId,
  refresh,
  signIn,
  signOut,
  signUp,
  status,
  typeCode,
  untilExpired,
} from './bare-calls.ts';
import { ageFactors } from '../support/by-hand.ts';
import { MODES, NEW_PASSWORD, useFrontEnd } from './front-end.ts';
import { ADMINS } from './policies.ts';

/** Whole walks through a browser, on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const front = useFrontEnd({ public: ADMINS }, { ACCESS_TOKEN_SECONDS: '2' });

const TOO_OLD = {
  status: 403,
  body: { claimValidationErrors: [{ id: 'st-mfa', reason: { maxAgeInSeconds: 300 } }] },
};

describe.skipIf(noChromium !== undefined).each(MODES)('supertokens-web-js 0.16.0, %s mode', (mode) => {
  it('signs up, is not asked, signs out, signs in', () =>
    front.visit('bare-sign-up', mode, async ({ open, address }) => {
      const page = await open('bare');
      expect(await signUp(page, address)).toBe('OK');
      expect(await signUp(page, address)).toBe('FIELD_ERROR');
      expect(await status(page)).toBe(200);
      await signOut(page);
      expect(await status(page)).toBe(401);
      expect(await signIn(page, address, 'not the password')).toBe('WRONG_CREDENTIALS_ERROR');
      expect(await signIn(page, address, NEW_PASSWORD)).toBe('OK');
      expect(await status(page)).toBe(200);
    }));

  it('tells of the missing claim, takes the code, and is let in', () =>
    front.visit('bare-challenge', mode, async ({ open }) => {
      const page = await open('bare');
      await front.run().emptyInbox();
      expect(await signIn(page, 'admin@example.com')).toBe('OK');
      expect(await status(page)).toBe(403);
      expect(await events(page)).toContain('API_INVALID_CLAIM');
      expect(await mfaInfo(page)).toMatchObject({
        factors: { next: ['otp-email'] },
        emails: { 'otp-email': ['admin@example.com'] },
      });
      expect(await askForCode(page, { email: 'admin@example.com' })).toBe('OK');
      expect(await typeCode(page, await front.run().code('admin@example.com'))).toMatchObject({ status: 'OK' });
      expect(await status(page)).toBe(200);
      await signOut(page);
      expect(await hasSession(page)).toBe(false);
      expect(await status(page)).toBe(401);
    }));

  it('refreshes an expired session from two tabs at once, and signs both out with one', () =>
    front.visit('bare-two-tabs', mode, async ({ open, context }) => {
      const first = await open('bare');
      expect(await signIn(first, 'user@example.com')).toBe('OK');
      const second = await open('bare');
      await context.route('**/auth/session/refresh', async (route) => {
        await first.waitForTimeout(300);
        await route.continue();
      });
      await untilExpired(first);
      expect(await Promise.all([status(first), status(second)])).toEqual([200, 200]);
      const seen = [...(await events(first)), ...(await events(second))];
      expect(seen).not.toContain('UNAUTHORISED');
      expect(seen).toContain('REFRESH_SESSION');
      await signOut(second);
      expect(await hasSession(first)).toBe(false);
      expect(await status(first)).toBe(401);
    }));

  it('tells both tabs when the session was ended elsewhere', () =>
    front.visit('bare-ended', mode, async ({ open, address }) => {
      const first = await open('bare');
      expect(await signUp(first, address)).toBe('OK');
      const second = await open('bare');
      await front.run().admin('PATCH', `/users/${await ownId(first)}`, { status: 'disabled' });
      await untilExpired(first);
      expect(await Promise.all([status(first), status(second)])).toEqual([401, 401]);
      expect([...(await events(first)), ...(await events(second))]).toContain('UNAUTHORISED');
      expect(await Promise.all([hasSession(first), hasSession(second)])).toEqual([false, false]);
    }));

  it('meets a policy that comes to apply at the next refresh', () =>
    front.visit('bare-promoted', mode, async ({ open, address }) => {
      const page = await open('bare');
      expect(await signUp(page, address)).toBe('OK');
      expect(await status(page)).toBe(200);
      await front.grant(address, 'admin');
      await untilExpired(page);
      expect(await status(page)).toBe(403);
      expect(await events(page)).toContain('API_INVALID_CLAIM');
      expect(await askForCode(page, { email: address })).toBe('OK');
      expect(await typeCode(page, await front.run().code(address))).toMatchObject({ status: 'OK' });
      expect(await status(page)).toBe(200);
    }));

  it('fetches a fresh code for a payout, and pays', () =>
    front.visit('bare-step-up', mode, async ({ open, address }) => {
      const page = await open('bare');
      expect(await signUp(page, address)).toBe('OK');
      expect(await call(page, '/example/payouts', 'POST')).toMatchObject(TOO_OLD);
      expect(await askForCode(page, { email: address })).toBe('OK');
      const first = await front.run().code(address);
      await typeCode(page, first);
      expect(await call(page, '/example/payouts', 'POST')).toMatchObject({ status: 201 });

      await ageFactors(front.run(), await ownId(page), 400);
      expect(await refresh(page)).toBe(true);
      expect(await call(page, '/example/payouts', 'POST')).toMatchObject(TOO_OLD);
      const { factors, emails } = await mfaInfo(page);
      expect(factors).toMatchObject({ next: [], alreadySetup: ['emailpassword', 'otp-email'] });
      expect(await askForCode(page, { email: emails['otp-email']![0]! })).toBe('OK');
      await typeCode(page, await front.run().code(address, first));
      expect(await call(page, '/example/payouts', 'POST')).toMatchObject({ status: 201 });
    }));
});
