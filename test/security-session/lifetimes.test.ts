/**
 * A session ends after so long without use and after so long in all, whatever is done with it; one that owes a factor
 * ends within half an hour.
 *
 * Why: a lifetime that every refresh renews is none (ASVS 7.3.1, 7.3.2), and deletion by TTL may lag by days, so expiry
 * is a comparison in code (CVE-2025-64708).
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { gateway } from '../support/gateway.ts';
import { EVERYBODY, NOBODY, storedSession, typeCode } from './mfa.ts';

const stepgate = useStepgate();
const SHORT = { ACCESS_TOKEN_SECONDS: 2, REFRESH_IDLE_SECONDS: 5, REFRESH_ABSOLUTE_SECONDS: 12 };
const EMAIL = 'short@example.com';

beforeAll(async () => {
  await stepgate.tenant('public', NOBODY);
  await stepgate.tenant('asking', EVERYBODY);
  await stepgate.user(EMAIL);
  stepgate.clock.freeze();
});

/** A client of a service whose sessions are short, keeping its refresh token. */
async function shortLived() {
  const call = gateway(stepgate.app(), SHORT);
  const formFields = [
    { id: 'email', value: EMAIL },
    { id: 'password', value: PASSWORD },
  ];
  const signedIn = await call('POST', '/auth/signin', { body: { formFields } });
  const tokens = { refresh: signedIn.headers['st-refresh-token']!, access: signedIn.headers['st-access-token']! };
  return {
    refresh: async () => {
      const reply = await call('POST', '/auth/session/refresh', {
        headers: { authorization: `Bearer ${tokens.refresh}` },
      });
      if (reply.status === 200) {
        tokens.refresh = reply.headers['st-refresh-token']!;
        tokens.access = reply.headers['st-access-token']!;
      }
      return reply.status;
    },
    me: async () => (await call('GET', '/me', { headers: { authorization: `Bearer ${tokens.access}` } })).status,
  };
}

describe('SEC-43: idle 5 seconds, absolute 12 seconds', () => {
  it('ends at 12 seconds, however often it is refreshed', async () => {
    const page = await shortLived();
    for (let seconds = 3; seconds < 12; seconds += 3) {
      stepgate.clock.advance(3_000);
      expect([seconds, await page.refresh()]).toEqual([seconds, 200]);
    }
    stepgate.clock.advance(2_999);
    expect(await page.refresh()).toBe(200);
    stepgate.clock.advance(1);
    expect(await page.refresh()).toBe(401);
  });

  it('ends after 5 seconds without a refresh', async () => {
    const page = await shortLived();
    stepgate.clock.advance(4_999);
    expect(await page.refresh()).toBe(200);
    stepgate.clock.advance(5_000);
    expect(await page.refresh()).toBe(401);
  });

  it('gives no access token that outlives it', async () => {
    const page = await shortLived();
    for (let seconds = 4; seconds < 12; seconds += 4) {
      stepgate.clock.advance(4_000);
      await page.refresh();
    }
    stepgate.clock.advance(3_000);
    expect(await page.refresh()).toBe(200);
    expect(await page.me()).toBe(200);
    stepgate.clock.advance(1_000);
    expect(await page.me()).toBe(401);
  });

  it('refuses an access token at the very second it expires', async () => {
    const page = await shortLived();
    stepgate.clock.advance(2_000);
    expect(await page.me()).toBe(401);
    expect(await page.refresh()).toBe(200);
    expect(await page.me()).toBe(200);
  });
});

describe.each<Mode>(['cookie', 'header'])('§1.9: a session that owes a factor (%s mode)', (mode) => {
  const email = `owing-${mode}@example.com`;
  const owing = async (): Promise<Browser> => {
    const page = stepgate.browser(mode, 'asking');
    await page.signIn(email, PASSWORD);
    return page;
  };
  beforeAll(() => stepgate.user(email, { tenantId: 'asking' }));

  it('has a token of at most 600 seconds, also after a refresh', async () => {
    const page = await owing();
    expect(page.claims().exp - page.claims().iat).toBeLessThanOrEqual(600);
    await page.refresh();
    expect(page.claims().exp - page.claims().iat).toBeLessThanOrEqual(600);
  });

  it('ends 30 minutes after it began, however often it is refreshed', async () => {
    const page = await owing();
    for (let minutes = 9; minutes < 30; minutes += 9) {
      stepgate.clock.advance(9 * 60_000);
      expect((await page.refresh()).status).toBe(200);
    }
    stepgate.clock.advance(3 * 60_000);
    expect((await page.refresh()).status).toBe(401);
  });

  it('accepts no code after that', async () => {
    const page = await owing();
    stepgate.clock.advance(25 * 60_000);
    await page.refresh();
    const sent = await page.sendCode({ email });
    const tokens = page.tokens();
    stepgate.clock.advance(5 * 60_000);
    page.present(tokens);
    expect((await page.consume(sent.body, stepgate.lastCode(email))).status).toBe(401);
  });

  it('lives its full length once the factor is done', async () => {
    const page = await owing();
    const began = stepgate.clock.now();
    stepgate.clock.advance(20 * 60_000);
    await page.refresh();
    await typeCode(stepgate, page, email);
    const stored = await storedSession(stepgate, page);
    expect(stored.absoluteExpiresAt).toBeGreaterThan(began + 29 * 86_400_000);
    expect(stored.absoluteExpiresAt).toBeLessThanOrEqual(began + 30 * 86_400_000);
    expect(page.claims().exp - page.claims().iat).toBeGreaterThan(600);
    stepgate.clock.advance(6 * 86_400_000);
    expect((await page.refresh()).status).toBe(200);
  });
});
