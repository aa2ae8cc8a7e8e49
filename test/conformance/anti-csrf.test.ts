/**
 * The reference page's whole flow in each anti-CSRF mode and each transfer mode, and the one call without what the mode
 * asks for. wire.md §2.9.
 *
 * Why: the value is made at creation and at refresh and must outlive everything between; a completion that forgot it
 * would lock its user out one call later. The modes' single refusals are in test/functions/anti-csrf.test.ts.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { MODES, useFrontDoors } from '../support/front-doors.ts';
import { PASSWORD } from '../support/stepgate.ts';
import { passCode } from '../journeys/steps.ts';

const stepgate = useFrontDoors();
const EMAIL = 'csrf-walk@example.com';

beforeAll(async () => {
  await stepgate.tenant('public', { mfaPolicy: { rules: [{ id: 'all', require: ['otp-email'] }] } });
  await stepgate.user(EMAIL);
});

const ANTI_CSRF = ['NONE', 'VIA_CUSTOM_HEADER', 'VIA_TOKEN'] as const;

describe.each(MODES.flatMap((mode) => ANTI_CSRF.map((antiCsrf) => [mode, antiCsrf] as const)))(
  '%s mode, %s',
  (mode, antiCsrf) => {
    const hasValue = antiCsrf === 'VIA_TOKEN';
    const page = () => stepgate.page(mode, { config: { ANTI_CSRF: antiCsrf } });

    it('takes a front end from sign-in through code and refresh to sign-out', async () => {
      stepgate.clock.advance(31_000);
      const tab = page();
      const begun = await tab.signIn(EMAIL, PASSWORD);
      expect(begun.body.status).toBe('OK');
      const value = begun.headers.get('anti-csrf');
      expect(value !== null).toBe(hasValue);
      expect(tab.claims().antiCsrfToken).toBe(value);
      expect((await tab.mfaInfo()).body.factors.next).toEqual(['otp-email']);

      expect((await passCode(stepgate, tab, { email: EMAIL })).body.status).toBe('OK');
      expect(tab.claims()['st-mfa'].v).toBe(true);
      expect((await tab.mfaInfo()).body.factors.next).toEqual([]);

      const refreshed = await tab.refresh();
      expect([refreshed.status, refreshed.body]).toEqual([200, {}]);
      expect(refreshed.headers.get('anti-csrf') !== null).toBe(hasValue);
      if (hasValue) expect(refreshed.headers.get('anti-csrf')).not.toBe(value);
      expect((await tab.mfaInfo()).body.status).toBe('OK');
      expect((await tab.me()).status).toBe(200);
      expect((await tab.signOut()).body).toEqual({ status: 'OK' });
    });

    it('tells a front end that lost the value to refresh, in cookie mode alone, and asks nothing of a GET', async () => {
      const tab = page();
      await tab.signIn(EMAIL, PASSWORD);
      const lost = { headers: { 'anti-csrf': 'lost' } };
      const answer = await tab.put('/auth/mfa/info', {}, lost);
      if (hasValue && mode === 'cookie') {
        expect([answer.status, answer.body]).toEqual([401, { message: 'try refresh token' }]);
        expect([answer.headers.get('front-token'), answer.setCookies]).toEqual([null, []]);
        const forgotten = await tab.post('/auth/session/refresh', undefined, lost);
        expect([forgotten.status, forgotten.headers.get('front-token')]).toEqual([401, 'remove']);
      } else {
        expect(answer.status).toBe(200);
        expect((await tab.post('/auth/session/refresh', undefined, lost)).status).toBe(200);
      }
      const other = page();
      await other.signIn(EMAIL, PASSWORD);
      expect((await other.get('/me', lost)).status).toBe(403);
    });
  },
);
