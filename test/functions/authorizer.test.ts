/** The Lambda authorizer, on the event that API Gateway sends it, with the variables that the construct gives it. */
import type { APIGatewayRequestAuthorizerEventV2 as Event } from 'aws-lambda';
import { beforeAll, describe, expect, it } from 'vitest';
import { routesFrom, sessionAuthorizer } from '../../shared/protect/authorizer.ts';
import { issuerAt } from '../../shared/protect/issuer.ts';
import type { Browser } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { passCode } from '../journeys/steps.ts';

const stepgate = useStepgate();
let page: Browser;
let pending: Browser;

beforeAll(async () => {
  await stepgate.tenant('public', { mfaPolicy: { rules: [{ id: 'all', require: ['otp-email'] }] } });
  await stepgate.user('ann@example.com', { roles: ['clerk'] });
  page = stepgate.browser('cookie');
  await page.signIn('ann@example.com', PASSWORD);
  await passCode(stepgate, page, { email: 'ann@example.com' });
  pending = stepgate.browser('header');
  await pending.signIn('ann@example.com', PASSWORD);
});

const ROUTES = {
  'GET /orders': {},
  'POST /payouts': { maxAge: 300 },
  'GET /any': { mfa: false },
  'GET /boss': { roles: ['boss'] },
};

function authorize(event: Partial<Event>, isDown = false) {
  const handler = sessionAuthorizer(
    routesFrom({ STEPGATE_ROUTES: JSON.stringify(ROUTES) }),
    issuerAt({
      url: 'http://localhost:3001',
      jwksUrl: isDown ? 'http://127.0.0.1:1/' : `${stepgate.url()}/auth/jwt/jwks.json`,
      clock: stepgate.clock,
    }),
  );
  return handler(eventOf(event));
}

/** As API Gateway documents payload 2.0 of a REQUEST authorizer. */
function eventOf(event: Partial<Event>): Event {
  const routeKey = event.routeKey ?? 'GET /orders';
  const [method = '', path = ''] = routeKey.split(' ');
  return {
    version: '2.0',
    type: 'REQUEST',
    routeArn: `arn:aws:execute-api:eu-central-1:123456789012:abcdef123/$default/${method}${path}`,
    identitySource: null as never,
    rawPath: path,
    rawQueryString: '',
    cookies: [],
    headers: { host: 'abcdef123.execute-api.eu-central-1.amazonaws.com' },
    requestContext: {
      accountId: '123456789012',
      apiId: 'abcdef123',
      domainName: 'abcdef123.execute-api.eu-central-1.amazonaws.com',
      domainPrefix: 'abcdef123',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'agent' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey,
      stage: '$default',
      time: '10/Mar/2026:05:16:23 +0000',
      timeEpoch: 1_773_119_783_000,
    },
    ...event,
    routeKey,
  };
}

const cookies = () => [`sAccessToken=${page.tokens().access}`];

describe('the Lambda authorizer', () => {
  it('lets a session in by cookie or header and tells the handler whose it is', async () => {
    const context = {
      userId: page.claims().sub,
      tenantId: 'public',
      sessionHandle: page.claims().sessionHandle,
      roles: ['clerk'],
      mfa: true,
    };
    expect(await authorize({ cookies: cookies() })).toEqual({ isAuthorized: true, context });
    const headers = { authorization: `Bearer ${page.tokens().access}` };
    expect(await authorize({ headers })).toEqual({ isAuthorized: true, context });
  });

  it('says Unauthorized, which the gateway answers as 401, without a session that is good', async () => {
    await expect(authorize({})).rejects.toThrow(/^Unauthorized$/);
    const access = page.tokens().access!;
    const signature = access.split('.')[2]!;
    const torn = access.replace(signature, signature.toUpperCase());
    await expect(authorize({ headers: { authorization: `Bearer ${torn}` } })).rejects.toThrow(/^Unauthorized$/);
  });

  it('refuses a session that lacks something, and every route that it does not know', async () => {
    const headers = { authorization: `Bearer ${pending.tokens().access}` };
    expect((await authorize({ headers })).isAuthorized).toBe(false);
    expect((await authorize({ headers, routeKey: 'GET /any' })).isAuthorized).toBe(true);
    expect((await authorize({ cookies: cookies(), routeKey: 'GET /boss' })).isAuthorized).toBe(false);
    for (const routeKey of ['GET /elsewhere', '$default', 'GET /constructor', 'constructor']) {
      expect((await authorize({ cookies: cookies(), routeKey })).isAuthorized).toBe(false);
    }
  });

  it('fails where the keys are out of reach, without calling the caller unauthorised', async () => {
    const outage = authorize({ cookies: cookies() }, true);
    await expect(outage).rejects.toThrow('temporarily unavailable');
  });

  it('lets a factor grow old', async () => {
    const asked = { cookies: cookies(), routeKey: 'POST /payouts' };
    expect((await authorize(asked)).isAuthorized).toBe(true);
    stepgate.clock.advance(302_000);
    expect((await authorize(asked)).isAuthorized).toBe(false);
  });

  it('does not start without its routes', () => {
    expect(() => routesFrom({})).toThrow('STEPGATE_ROUTES');
  });
});
