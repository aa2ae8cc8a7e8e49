/**
 * `requireSession({ checkPolicy })`: an immediate policy reaches a handler of one's own as soon as it reaches the service,
 * an outage of a minute shuts nobody out, and after it nobody is let in of whom nobody knows what they owe.
 */
import middy from '@middy/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { issuerAt, requireSession, type Wants, type WithSession } from '../../../shared/protect/require-session.ts';
import { fetchJson } from '../../../shared/protect/key-set.ts';
import type { Browser, Mode } from '../../support/browser.ts';
import { PASSWORD, useStepgate } from '../../support/stepgate.ts';

/** What a setting of one's own may be: what the service's other functions keep makes no difference here. */
const stepgate = useStepgate({ config: { TENANT_CACHE_SECONDS: '60' } });
/** As docs/protecting-your-api.md says. */
const BOUND_SECONDS = 5;
const everybody = { rules: [{ id: 'all', require: ['otp-email'] }] };

let tenants = 0;
let tenantId = '';
let asked: string[] = [];
let isDown = false;
let logged: string[] = [];
beforeEach(async () => {
  tenantId = `tenant${(tenants += 1)}`;
  asked = [];
  logged = [];
  isDown = false;
  await stepgate.tenant(tenantId, {});
});

const issuer = () =>
  issuerAt({
    url: 'http://localhost:3001',
    jwksUrl: `${stepgate.url()}/auth/jwt/jwks.json`,
    policyEpochUrl: (id) => `${stepgate.url()}/auth/${id}/mfa/policy-epoch`,
    clock: stepgate.clock,
    log: { info: () => undefined, error: (event) => logged.push(event) },
    fetch: async (url) => {
      if (url.endsWith('policy-epoch')) {
        asked.push(url);
        if (isDown) throw new Error('down');
      }
      return fetchJson(url);
    },
  });

const pagesByCookie = new WeakSet<Browser>();

const handlerOf = (wants: Wants, from = issuer()) => {
  const handler = middy()
    .use(requireSession(wants, from))
    .handler((): { statusCode: number; headers?: Record<string, string>; body: string } => ({
      statusCode: 200,
      body: '{}',
    }));
  return async (page: Browser) => {
    const { access = '' } = page.tokens();
    const isCookie = pagesByCookie.has(page);
    const event = {
      headers: isCookie ? {} : { authorization: `Bearer ${access}` },
      cookies: isCookie ? [`sAccessToken=${encodeURIComponent(access)}`] : [],
      requestContext: { http: { method: 'GET' } },
    };
    const { statusCode, body = '{}' } = await handler(event as never, {} as WithSession);
    return { status: statusCode, message: JSON.parse(body).message as string | undefined };
  };
};

const signedIn = async (mode: Mode): Promise<Browser> => {
  const email = `${mode}@${tenantId}.example`;
  await stepgate.user(email, { tenantId });
  const page = stepgate.browser(mode, tenantId);
  await page.signIn(email, PASSWORD);
  if (mode === 'cookie') pagesByCookie.add(page);
  return page;
};
const save = (mfaPolicy: object) =>
  stepgate.browser().put(`/admin/tenants/${tenantId}/policy`, { mfaPolicy, reason: 'a test' });
const pass = (seconds: number) => stepgate.clock.advance(seconds * 1000);
const IN = { status: 200 };
const REFRESH = { status: 401, message: 'try refresh token' };

const OUTAGE = { status: 503, message: 'temporarily unavailable, please try again' };

describe.each<Mode>(['cookie', 'header'])('requireSession with checkPolicy (%s mode)', (mode) => {
  it('sends a session to its refresh that an immediate policy has not reached, and asks once in a while', async () => {
    const ask = handlerOf({ checkPolicy: true });
    const page = await signedIn(mode);
    for (let i = 0; i < 5; i += 1) expect(await ask(page)).toMatchObject(IN);
    expect(asked).toHaveLength(1);
    await save({ ...everybody, immediate: true });
    pass(BOUND_SECONDS);
    expect(await ask(page)).toEqual(REFRESH);
    expect((await page.refresh()).status).toBe(200);
    // Now it is known what is owed.
    expect(await ask(page)).toMatchObject({ status: 403, message: 'invalid claim' });
  });

  it('leaves a policy that is not to be at once to the next refresh', async () => {
    const ask = handlerOf({ checkPolicy: true });
    const page = await signedIn(mode);
    await save(everybody);
    pass(60);
    expect(await ask(page)).toMatchObject(IN);
  });

  it('does not ask where the route does not', async () => {
    const ask = handlerOf({});
    const page = await signedIn(mode);
    await save({ ...everybody, immediate: true });
    pass(60);
    expect(await ask(page)).toMatchObject(IN);
    expect(asked).toEqual([]);
  });

  it('goes by what it knew last for a minute more, then refuses, asks every 5 seconds, reports the outage once', async () => {
    const ask = handlerOf({ checkPolicy: true });
    const page = await signedIn(mode);
    stepgate.clock.freeze();
    expect(await ask(page)).toMatchObject(IN);
    isDown = true;
    asked = [];
    for (let second = 4; second < 64; second += 4) {
      pass(4);
      expect(await ask(page)).toMatchObject(IN);
    }
    expect(asked.length).toBeLessThanOrEqual(12);
    pass(4);
    expect(await ask(page)).toEqual(OUTAGE);
    expect(logged).toEqual(['policy-epoch.out-of-reach']);
    isDown = false;
    pass(5);
    expect(await ask(page)).toMatchObject(IN);
    isDown = true;
    pass(5);
    expect(await ask(page)).toMatchObject(IN);
    expect(logged).toHaveLength(2);
  });

  it('refuses where it never had an answer, and takes nobody their session by it', async () => {
    isDown = true;
    const ask = handlerOf({ checkPolicy: true });
    const page = await signedIn(mode);
    expect(await ask(page)).toEqual(OUTAGE);
    expect(await ask(page)).toEqual(OUTAGE);
    expect(asked).toHaveLength(1);
    isDown = false;
    pass(5);
    expect(await ask(page)).toMatchObject(IN);
  });

  it('lets pass where the route says so, and still goes by what it knew last', async () => {
    isDown = true;
    const ask = handlerOf({ checkPolicy: { whenUnreachable: 'pass' } });
    const page = await signedIn(mode);
    expect(await ask(page)).toMatchObject(IN);
    isDown = false;
    await save({ ...everybody, immediate: true });
    pass(BOUND_SECONDS);
    expect(await ask(page)).toEqual(REFRESH);
    isDown = true;
    pass(300);
    expect(await ask(page)).toEqual(REFRESH);
    await page.refresh();
    expect((await ask(page)).status).toBe(403);
  });

  it('never sends a session twice in a row, however old its own answer is', async () => {
    const ask = handlerOf({ mfa: false, checkPolicy: { refreshSeconds: 40 } });
    await save({ ...everybody, immediate: true });
    const page = await signedIn(mode);
    let policies = 0;
    for (let i = 0; i < 60; i += 1) {
      if (i % 15 === 0)
        await save({ rules: [{ id: `all${(policies += 1)}`, require: ['otp-email'] }], immediate: true });
      pass(5);
      if ((await ask(page)).status !== 401) continue;
      expect((await page.refresh()).status).toBe(200);
      expect(await ask(page)).toMatchObject(IN);
    }
    pass(40);
    if ((await ask(page)).status === 401) await page.refresh();
    const { body } = await page.get(`/auth/${tenantId}/mfa/policy-epoch`);
    expect(page.claims().pe).toBe(body.pe);
  });
});

it('an option that makes no sense is refused at once', () => {
  for (const refreshSeconds of [0, -1, NaN, 901]) {
    expect(() => requireSession({ checkPolicy: { refreshSeconds } }, issuer())).toThrow(/refreshSeconds/);
  }
  // @ts-expect-error -- what JavaScript or an environment variable may say
  expect(() => requireSession({ checkPolicy: { whenUnreachable: 'fail' } }, issuer())).toThrow(/whenUnreachable/);
});
