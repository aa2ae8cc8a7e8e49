import { describe, expect, it } from 'vitest';
import { REQUEST_BOUNDS } from '../../bench/counts.ts';
import { countRequests } from '../../bench/requests.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

/**
 * What a login costs in DynamoDB requests, and how often it waits for them. design.md §8 bounds both, limits included;
 * an innocent second read of the same item shows here and nowhere else.
 */
const stepgate = useStepgate({ config: { TENANT_CACHE_SECONDS: '60' } });
const EMAIL = 'counted@example.com';

const logIn = async (counter: ReturnType<typeof countRequests>) => {
  const page = stepgate.browser('cookie');
  const signIn = await counter.during(() => page.signIn(EMAIL, PASSWORD));
  let device = { deviceId: '', preAuthSessionId: '' };
  const send = await counter.during(async () => {
    device = (await page.sendCode({ email: EMAIL })).body;
  });
  const consume = await counter.during(() => page.consume(device, stepgate.lastCode(EMAIL)));
  expect(page.claims()['st-mfa'].v).toBe(true);
  const check = await counter.during(() => page.me());
  const refresh = await counter.during(() => page.refresh());
  return { steps: [signIn, send, consume], check, refresh };
};

describe('DynamoDB requests, warm', () => {
  it('stay within their bounds for a first login, a returning one, a refresh and a session check', async () => {
    await stepgate.tenant('public', {
      mfaPolicy: { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] }] },
    });
    await stepgate.user('warm-up@example.com', { roles: ['admin'] });
    await stepgate.browser('cookie').signIn('warm-up@example.com', PASSWORD);
    await stepgate.user(EMAIL, { roles: ['admin'] });

    const counter = countRequests(stepgate.app().table.db);
    for (const login of [await logIn(counter), await logIn(counter)]) {
      const sum = (of: 'requests' | 'waves') => login.steps.reduce((total, step) => total + step[of], 0);
      expect(sum('requests')).toBeLessThanOrEqual(REQUEST_BOUNDS.requests);
      expect(sum('waves')).toBeLessThanOrEqual(REQUEST_BOUNDS.waves);
      expect(login.refresh.requests).toBe(REQUEST_BOUNDS.refresh);
      expect(login.check.requests).toBe(REQUEST_BOUNDS.check);
    }
  });
});
