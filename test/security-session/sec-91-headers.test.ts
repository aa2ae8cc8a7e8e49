/**
 * A reply of any status, up to an outage in the middle of our own work, is as hardened as a good one, says nothing of
 * AWS or of our code, and can be read by the tenant's front end, which has to tell the person something.
 *
 * Why: ASVS V3.4.x and V16.5.1. Errors are written in another place than replies, and headers are forgotten there.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../shared/app.ts';
import { form, gateway, type GatewayReply, type GatewayRequest } from '../support/gateway.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { EVERYBODY } from './mfa.ts';

const stepgate = useStepgate();
const ORIGIN = 'https://app.example.com';
const EMAIL = 'errors@example.com';
const pending: { access?: string | undefined; refresh?: string | undefined } = {};

beforeAll(async () => {
  await stepgate.tenant('public', { ...EVERYBODY, allowedOrigins: [ORIGIN] });
  await stepgate.tenant('broken', { allowedOrigins: 7 });
  await stepgate.user(EMAIL);
  const page = stepgate.browser('header');
  await page.signIn(EMAIL, PASSWORD);
  Object.assign(pending, page.tokens());
});

/** As the SDK throws it, with everything in it that nobody outside should read. */
function awsFailure(): Error {
  const error = new Error('User: arn:aws:sts::123456789012:assumed-role/stepgate is not authorized: dynamodb:Query');
  const $metadata = { requestId: 'REQUEST-ID-4711', httpStatusCode: 400 };
  return Object.assign(error, { name: 'AccessDeniedException', $metadata });
}
const defect = () => new TypeError("Cannot read properties of undefined (reading 'secretThing')");

const withUsers = (fail: () => Error): App => ({
  ...stepgate.app(),
  users: { ...stepgate.app().users, load: () => Promise.reject(fail()), byContact: () => Promise.reject(fail()) },
});

const bearer = (kind: 'access' | 'refresh') => ({ headers: { authorization: `Bearer ${pending[kind]}` } });
const signIn = { body: form({ email: EMAIL, password: PASSWORD }) };

type Case = readonly [name: string, status: number, route: string, request: () => GatewayRequest, app?: () => App];
const cases: readonly Case[] = [
  ['malformed', 400, 'POST /auth/signin', () => ({ body: '{' })],
  ['no session', 401, 'GET /me', () => ({})],
  ['a bad token', 401, 'POST /auth/session/refresh', () => ({ headers: { authorization: 'Bearer v1.x' } })],
  ['a claim that fails', 403, 'GET /me', () => bearer('access')],
  ['an unknown tenant', 404, 'GET /auth/nowhere/loginmethods', () => ({})],
  ['too large', 413, 'POST /auth/signin', () => ({ body: { formFields: 'x'.repeat(20_000) } })],
  ['not JSON', 415, 'POST /auth/signin', () => ({ ...signIn, headers: { 'content-type': 'text/plain' } })],
  ['a defect', 500, 'POST /auth/session/refresh', () => bearer('refresh'), () => withUsers(defect)],
  ['an outage', 503, 'POST /auth/session/refresh', () => bearer('refresh'), () => withUsers(awsFailure)],
  ['a malformed tenant', 503, 'GET /auth/broken/loginmethods', () => ({})],
  ['a defect behind a form', 200, 'POST /auth/signin', () => signIn, () => withUsers(defect)],
  ['an outage behind a form', 200, 'POST /auth/signin', () => signIn, () => withUsers(awsFailure)],
];

const send = ([, , route, request, app]: Case, origin: string): Promise<GatewayReply> => {
  const [method = '', path = ''] = route.split(' ');
  const { headers, ...rest } = request();
  return gateway((app ?? stepgate.app)())(method, path, { ...rest, headers: { ...headers, origin } });
};

const named = cases.map((one) => [one[0], one[1], one] as const);

describe('SEC-91: a refusal or failure', () => {
  it.each(named)('is hardened and silent: %s, %i', async (_, status, one) => {
    const reply = await send(one, ORIGIN);
    expect(reply.status).toBe(status);
    expect(reply.headers).toMatchObject({
      'cache-control': 'no-store',
      'strict-transport-security': expect.stringMatching(/^max-age=\d{8,}/),
      'x-content-type-options': 'nosniff',
      'content-type': 'application/json; charset=utf-8',
      vary: 'Origin',
    });
    const said = JSON.stringify([reply.body, reply.headers]);
    expect(said).not.toMatch(/arn:|aws|dynamodb|Exception|REQUEST-ID|TypeError|secretThing|stack|\.ts\b|node_modules/i);
  });

  it.each(named)(
    'is readable for a listed origin, with credentials, and for no other: %s, %i',
    async (_, _status, one) => {
      expect((await send(one, ORIGIN)).headers).toMatchObject({
        'access-control-allow-origin': ORIGIN,
        'access-control-allow-credentials': 'true',
      });
      for (const origin of ['https://evil.example', 'null', '*']) {
        const { headers } = await send(one, origin);
        expect(headers).not.toHaveProperty('access-control-allow-origin');
        expect(headers).not.toHaveProperty('access-control-allow-credentials');
        expect(headers['vary']).toBe('Origin');
      }
    },
  );

  it('that is ours has an id that is in the log, and asks the client to come again', async () => {
    const [outage] = cases.filter(([name]) => name === 'an outage');
    const { body, headers } = await send(outage!, ORIGIN);
    expect(body).toEqual({ message: 'temporarily unavailable', errorId: expect.stringMatching(/^[\da-f-]{36}$/) });
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(headers).not.toHaveProperty('front-token');
    const { fields } = stepgate.logged.find((line) => line.fields['errorId'] === body.errorId)!;
    expect(JSON.stringify(fields)).not.toMatch(/REQUEST-ID|arn:/);
  });
});
