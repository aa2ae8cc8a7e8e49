// A refresh token from before the second factor must not turn into the session from after it: who copied it when it
// was worth little would otherwise own it when it is worth much. @see CVE-2025-12390; security.md §3.6

import { beforeAll, describe, expect, it } from 'vitest';
import { codeSent, EVERYBODY, halfway, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('public', EVERYBODY));

const ANOTHER_BROWSER = { headers: { 'user-agent': 'thief/1.0' } };

/** A victim who has just completed, and a thief with the refresh token from before. */
async function afterCompletion(email: string) {
  const { page, device, code } = await halfway(stepgate, email);
  const before = page.tokens().refresh;
  const answer = await page.consume(device, code);
  if (answer.body.status !== 'OK') throw new Error('the victim could not complete');
  const thief = stepgate.browser('cookie');
  thief.present({ refresh: before });
  return { page, thief, before };
}

describe('SEC-50: a session’s tokens at its boundary', () => {
  it('has a new handle at every sign-in, and a new refresh token at completion', async () => {
    const { page, before } = await afterCompletion('new@example.com');
    expect(page.tokens().refresh).not.toBe(before);
    const again = await signedIn(stepgate, 'new@example.com');
    expect(again.claims().sessionHandle).not.toBe(page.claims().sessionHandle);
  });

  it('gives a thief in another browser nothing, be it within the 5 seconds that a second tab has', async () => {
    const { page, thief } = await afterCompletion('tab@example.com');
    stepgate.clock.advance(1_000);
    const stolen = await thief.post('/auth/session/refresh', undefined, ANOTHER_BROWSER);
    expect(stolen).toMatchObject({ status: 401, body: { message: 'unauthorised' } });
    expect(thief.claims()).toBeUndefined();
    // Two had the token: the session is over for both.
    expect((await page.refresh()).status).toBe(401);
  });

  it('gives a thief with the same browser nothing once the 5 seconds are over', async () => {
    const { page, thief } = await afterCompletion('late@example.com');
    stepgate.clock.advance(10_000);
    expect(await thief.refresh()).toMatchObject({ status: 401, body: { message: 'unauthorised' } });
    expect((await thief.me()).status).toBe(401);
    expect((await page.refresh()).status).toBe(401);
  });

  it('lets the victim’s own second tab follow within the 5 seconds', async () => {
    const { page, thief: tab } = await afterCompletion('own@example.com');
    stepgate.clock.advance(4_000);
    expect((await tab.refresh()).status).toBe(200);
    expect(tab.tokens().refresh).toBe(page.tokens().refresh);
    expect((await page.refresh()).status).toBe(200);
  });

  it('gives a thief nothing who refreshed before the victim completed', async () => {
    const { page, device, code } = await halfway(stepgate, 'early@example.com');
    const thief = stepgate.browser('cookie');
    thief.present({ refresh: page.tokens().refresh });
    expect((await thief.refresh()).status).toBe(200);
    expect(thief.claims()['st-mfa'].v).toBe(false);

    expect((await page.consume(device, code)).body.status).toBe('OK');
    expect((await page.me()).status).toBe(200);
    stepgate.clock.advance(10_000);
    expect((await thief.refresh()).status).toBe(401);
    expect((await thief.me()).status).not.toBe(200);
  });

  it('does not complete a session that a thief’s replay has ended', async () => {
    const { page, thief } = await afterCompletion('ended@example.com');
    stepgate.clock.advance(10_000);
    await thief.refresh();
    const device = await codeSent(page, { email: 'ended@example.com' });
    const answer = await page.consume(device, stepgate.lastCode('ended@example.com'));
    expect(answer).toMatchObject({ status: 401, body: { message: 'unauthorised' } });
    expect(answer.headers.get('front-token')).toBe('remove');
  });
});
