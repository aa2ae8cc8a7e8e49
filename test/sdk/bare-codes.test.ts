/** supertokens-web-js without screens: codes that fit and do not, the choice of factors, other tenants. */
import { describe, expect, it, vi } from 'vitest';
import { noChromium } from '../support/chromium.ts';
import { otherThan } from '../support/otp.ts';
import { askForCode, call, events, mfaInfo, resend, signIn, signOut, signUp, status, typeCode } from './bare-calls.ts';
import { writeTenant } from '../support/by-hand.ts';
import { MODES, NEW_PASSWORD, useFrontEnd } from './front-end.ts';
import { ACME, EVERYBODY, IMPOSSIBLE, IMPOSSIBLE_SAYS } from './policies.ts';

/** Whole walks through a browser, on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const front = useFrontEnd({ public: EVERYBODY, acme: ACME });
const PHONES = { cookie: '+36201234567', header: '+36201234568' } as const;
/** Longer than the local run makes people wait before it sends a code again. */
const COOLDOWN_MS = 1_600;

describe.skipIf(noChromium !== undefined).each(MODES)('supertokens-web-js 0.16.0, %s mode', (mode) => {
  it('counts wrong codes, survives a reload, sends a code again, and takes the newer one alone', () =>
    front.visit('bare-resend', mode, async ({ open, address }) => {
      const page = await open('bare');
      await signUp(page, address);
      expect(await askForCode(page, { email: address })).toBe('OK');
      const first = await front.run().code(address);
      expect(await typeCode(page, otherThan(first))).toMatchObject({
        status: 'INCORRECT_USER_INPUT_CODE_ERROR',
        failedCodeInputAttemptCount: 1,
        maximumCodeInputAttempts: 5,
      });
      await page.reload();
      await page.waitForTimeout(COOLDOWN_MS);
      expect(await resend(page)).toBe('OK');
      const second = await front.run().code(address, first);
      expect(await typeCode(page, first)).toMatchObject({ failedCodeInputAttemptCount: 2 });
      expect(await typeCode(page, second)).toMatchObject({ status: 'OK', createdNewRecipeUser: true });
      expect(await status(page)).toBe(200);
    }));

  it('begins anew after five wrong codes', () =>
    front.visit('bare-exhausted', mode, async ({ open, address }) => {
      const page = await open('bare');
      await signUp(page, address);
      await askForCode(page, { email: address });
      const first = await front.run().code(address);
      for (let guess = 1; guess <= 4; guess += 1) {
        expect(await typeCode(page, otherThan(first))).toMatchObject({ failedCodeInputAttemptCount: guess });
      }
      expect(await typeCode(page, otherThan(first))).toEqual({ status: 'RESTART_FLOW_ERROR' });
      expect(await typeCode(page, first)).toEqual({ status: 'RESTART_FLOW_ERROR' });
      expect(await resend(page)).toBe('RESTART_FLOW_ERROR');
      expect(await status(page)).toBe(403);
      expect(await askForCode(page, { email: address })).toBe('OK');
      expect(await typeCode(page, await front.run().code(address, first))).toMatchObject({ status: 'OK' });
      expect(await status(page)).toBe(200);
    }));

  it('takes a phone at another tenant, and text messages there from then on', () =>
    front.visit('bare-phone', mode, async ({ open, address }) => {
      const page = await open('bare', 'acme');
      await signUp(page, address);
      expect((await mfaInfo(page)).factors.next).toEqual(['otp-email', 'otp-phone']);
      expect(await askForCode(page, { phoneNumber: PHONES[mode] })).toBe('OK');
      const first = await front.run().code(PHONES[mode]);
      expect(await typeCode(page, first)).toMatchObject({ status: 'OK' });
      expect(await call(page, '/me')).toMatchObject({ status: 200, body: { tenantId: 'acme' } });
      await signOut(page);
      expect(await signIn(page, address, NEW_PASSWORD)).toBe('OK');
      expect(await mfaInfo(page)).toMatchObject({
        factors: { next: ['otp-phone'] },
        phoneNumbers: { 'otp-phone': [PHONES[mode]] },
      });
      expect(await askForCode(page, { phoneNumber: PHONES[mode] })).toBe('OK');
      expect(await typeCode(page, await front.run().code(PHONES[mode], first))).toMatchObject({ status: 'OK' });
      expect(await status(page)).toBe(200);
    }));

  it('knows nobody of one tenant at another', () =>
    front.visit('bare-tenants', mode, async ({ open }) => {
      const page = await open('bare', 'acme');
      expect(await signIn(page, 'user@example.com')).toBe('WRONG_CREDENTIALS_ERROR');
      expect(await status(page)).toBe(401);
    }));

  it('says what is missing where nobody could meet the policy, and lets nobody in', () =>
    front.visit('bare-impossible', mode, async ({ open, address }) => {
      await writeTenant(front.run(), 'impossible', { allowedOrigins: [front.origin()], ...IMPOSSIBLE });
      const page = await open('bare', 'impossible');
      expect(await signUp(page, address)).toBe('OK');
      await expect(mfaInfo(page)).rejects.toThrow(IMPOSSIBLE_SAYS);
      expect(await status(page)).toBe(403);
      expect(await events(page)).toContain('API_INVALID_CLAIM');
    }));
});
