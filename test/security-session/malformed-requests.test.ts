/**
 * Whatever a body, query or header holds, the answer is one of ours: a refusal of one shape that repeats nothing of it,
 * and never a 5xx.
 *
 * Why: ASVS 15.3.5; a string field that takes an object was how query operators and attribute values got into stores,
 * and an exception per odd byte is an alarm per odd byte.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { form, gateway, type GatewayReply } from '../support/gateway.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { NOBODY } from './mfa.ts';

const stepgate = useStepgate();
const MARK = 'xq7-marker';
let userId = '';

beforeAll(async () => {
  await stepgate.tenant('public', { ...NOBODY, signUpFields: [{ id: 'company' }] });
  userId = await stepgate.user('somebody@example.com');
});

const nested = (levels: number): unknown => (levels === 0 ? MARK : { a: nested(levels - 1) });
const NOT_TEXT: readonly unknown[] = [7, 0, true, [], [MARK], {}, null, { $ne: 1 }, { S: MARK }, nested(5), nested(40)];
const NOT_BOOLEAN: readonly unknown[] = ['true', 1, 0, [], {}, null, { BOOL: true }];
const NOT_A_LIST: readonly unknown[] = [MARK, 7, true, {}, null, { 0: { id: 'email', value: MARK }, length: 1 }];

const signUp = form({ email: 'm@example.com', password: PASSWORD, company: 'Acme' });
const field = (name: 'id' | 'value', value: unknown) => ({
  formFields: [{ id: 'email', value: 'm@example.com', [name]: value }, ...signUp.formFields.slice(1)],
});
const device = { deviceId: 'd', preAuthSessionId: 'p' };

/** Where a value goes that is not of its kind. */
const places: readonly (readonly [string, string, (value: unknown) => unknown, readonly unknown[]])[] = [
  ...['/auth/signup', '/auth/signin', '/auth/public/signin'].flatMap((path) => [
    [`POST ${path}`, 'formFields', (formFields: unknown) => ({ formFields }), NOT_A_LIST] as const,
    [`POST ${path}`, 'formFields[0]', (value: unknown) => ({ formFields: [value] }), [...NOT_TEXT, MARK]] as const,
    [`POST ${path}`, 'formFields[0].id', (value: unknown) => field('id', value), NOT_TEXT] as const,
    [`POST ${path}`, 'formFields[0].value', (value: unknown) => field('value', value), NOT_TEXT] as const,
    [
      `POST ${path}`,
      'shouldTryLinkingWithSessionUser',
      (value: unknown) => ({ ...signUp, shouldTryLinkingWithSessionUser: value }),
      NOT_BOOLEAN,
    ] as const,
  ]),
  ['POST /auth/signinup/code', 'email', (email) => ({ email }), NOT_TEXT],
  ['POST /auth/signinup/code', 'phoneNumber', (phoneNumber) => ({ phoneNumber }), NOT_TEXT],
  ['POST /auth/signinup/code/resend', 'deviceId', (deviceId) => ({ ...device, deviceId }), NOT_TEXT],
  ['POST /auth/signinup/code/resend', 'preAuthSessionId', (id) => ({ ...device, preAuthSessionId: id }), NOT_TEXT],
  ...(['deviceId', 'preAuthSessionId', 'userInputCode'] as const).map(
    (name) =>
      [
        'POST /auth/signinup/code/consume',
        name,
        (value: unknown) => ({ ...device, userInputCode: '123456', [name]: value }),
        NOT_TEXT,
      ] as const,
  ),
  ['POST /auth/signinup/code/consume', 'linkCode', (linkCode) => ({ preAuthSessionId: 'p', linkCode }), NOT_TEXT],
  ['PATCH /admin/users/:id', 'status', (status) => ({ status }), [...NOT_TEXT, MARK]],
  ['PATCH /admin/users/:id', 'metadata', (metadata) => ({ metadata }), [7, true, MARK, [MARK], null, nested(40)]],
  ['PUT /admin/tenants/t9', 'name', (name) => ({ name }), NOT_TEXT],
  ['PUT /admin/tenants/t9', 'firstFactors', (firstFactors) => ({ firstFactors }), [...NOT_A_LIST, [7], [null], [{}]]],
  ['PUT /admin/tenants/t9', 'mfaPolicy', (mfaPolicy) => ({ mfaPolicy }), [...NOT_TEXT, MARK]],
  ['PUT /admin/tenants/t9', 'contactMethod', (contactMethod) => ({ contactMethod }), [...NOT_TEXT, MARK]],
];

function refused(reply: GatewayReply | { status: number; body: unknown }): void {
  expect(reply.status).toBe(400);
  expect(reply.body).toMatchObject({ message: expect.stringMatching(/^.{1,200}$/) });
  expect(Object.keys(reply.body as object).filter((key) => key !== 'findings')).toEqual(['message']);
  expect(JSON.stringify(reply.body)).not.toContain(MARK);
}

describe('SEC-79: a value of another kind', () => {
  it.each(places)('%s, %s: is refused with 400 and one sentence', async (route, _, bodyOf, values) => {
    const [method, path] = route.replace(':id', userId).split(' ');
    const call = gateway(stepgate.app());
    for (const value of values) refused(await call(method!, path!, { body: bodyOf(value) }));
    expect(stepgate.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it.each([
    ['GET', '/auth/emailpassword/email/exists', {}],
    ['GET', '/admin/users', { limit: 'many' }],
    ['GET', '/admin/users', { limit: '0' }],
    ['GET', '/admin/users', { limit: '-1' }],
    ['GET', '/admin/users', { cursor: MARK }],
    ['GET', '/admin/users', { email: MARK }],
    ['GET', '/admin/users', { phone: MARK }],
    ['GET', '/admin/users', { tenantId: `${MARK}#` }],
    ['GET', '/admin/users/%20', {}],
    ['GET', '/admin/users/a%23b', {}],
    ['PUT', '/admin/users/a/roles/public/a%23b', {}],
    ['PUT', '/admin/tenants/signin', {}],
    ['PUT', '/admin/tenants/T%23', {}],
  ])('%s %s %j: is refused with 400 in a query or path', async (method, path, query) => {
    refused(await gateway(stepgate.app())(method, path, { query, headers: { 'content-type': 'application/json' } }));
  });
});

const BODIES: Readonly<Record<string, string | Buffer>> = {
  nothing: '{',
  'a list': '[]',
  text: `"${MARK}"`,
  null: 'null',
  'a number': '7',
  'JavaScript, not JSON': "{email: 'x'}",
  'a comma too many': '{"formFields":[],}',
  'a comment': '{/* x */}',
  NaN: '{"formFields":NaN}',
  'two values': '{}{}',
  'half a character': String.raw`{"formFields":[{"id":"email","value":"\ud800"}]}`,
  'half a character as a name': String.raw`{"\udc00":1}`,
  'a number no table keeps': '{"metadata":{"a":1e400}}',
  'a number that loses digits': '{"metadata":{"a":12345678901234567890}}',
  'a depth of 8,000': '['.repeat(8_000) + ']'.repeat(8_000),
  'a depth of 8,000 in a member': `{"a":${'['.repeat(8_000)}${']'.repeat(8_000)}}`,
  'UTF-16': Buffer.from('\uFEFF{"formFields":[]}', 'utf16le'),
  'UTF-8 with a mark': '\uFEFF{"formFields":[]}',
  'bytes that are no UTF-8': Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
  'a NUL': '{"a":\0}',
};

const TAKING_A_BODY = [
  'POST /auth/signup',
  'POST /auth/signin',
  'POST /auth/signinup/code',
  'POST /auth/signinup/code/resend',
  'POST /auth/signinup/code/consume',
  'PUT /auth/mfa/info',
  'PUT /auth/mfa/factors/otp-email',
  'DELETE /auth/mfa/factors/otp-email',
  'POST /auth/signout',
  'DELETE /auth/sessions/00000000-0000-4000-8000-000000000000',
  'PUT /admin/tenants/t9',
  'PATCH /admin/users/:id',
];

const send = async (route: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) => {
  const [method, path] = route.replace(':id', userId).split(' ');
  const response = await fetch(stepgate.url() + path, {
    method: method!,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
  return { status: response.status, body: await response.json() };
};

describe('SEC-79: a body that is no JSON object', () => {
  it.each(Object.entries(BODIES))('%s: is 400 wherever a body is read', async (_, body) => {
    for (const route of TAKING_A_BODY) refused(await send(route, body));
    expect(stepgate.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/json', '', 'json'])(
    'is 415 as %j, whatever it holds',
    async (type) => {
      for (const route of TAKING_A_BODY) {
        const answer = await send(route, JSON.stringify(signUp), { 'content-type': type });
        expect([answer.status, answer.body]).toEqual([415, { message: 'the body must be application/json' }]);
      }
    },
  );

  it('counts the last of two members of one name, as JSON does', async () => {
    const raw = `{"formFields":7,${JSON.stringify(form({ email: 'dup@example.com', password: 'x' })).slice(1)}`;
    expect(await send('POST /auth/signin', raw)).toEqual({ status: 200, body: { status: 'WRONG_CREDENTIALS_ERROR' } });
    const twice = form({ email: 'a@example.com', password: 'x' }).formFields;
    refused(await send('POST /auth/signin', JSON.stringify({ formFields: [twice[0], twice[0]] })));
  });

  it('is not looked at by a refresh', async () => {
    const answer = await send('POST /auth/session/refresh', '{');
    expect(answer).toEqual({ status: 401, body: { message: 'unauthorised' } });
  });
});

describe('SEC-82: more than anybody needs', () => {
  it.each([
    ['a byte more than 16 KB', 16_385, 413],
    ['a byte more than 64 KB', 65_537, 413],
    ['10 MB', 10_000_000, 413],
  ])('%s: is %i', async (_, size, status) => {
    const filler = JSON.stringify({ filler: '' }).length;
    const body = JSON.stringify({ filler: 'x'.repeat(size - filler) });
    for (const route of ['POST /auth/signin', 'PATCH /admin/users/:id']) {
      expect((await send(route, body)).status).toBe(status);
    }
  });

  it('16 KB is read', async () => {
    const { formFields } = form({ email: 'big@example.com', password: 'x' });
    const body = JSON.stringify({ filler: '', formFields });
    const full = JSON.stringify({ filler: 'x'.repeat(16_384 - body.length), formFields });
    expect(await send('POST /auth/signin', full)).toMatchObject({ status: 200 });
  });

  it('300 cookies and a header of 9 kB change nothing', async () => {
    const cookie = Array.from({ length: 300 }, (_, i) => `c${i}=${i}`).join('; ');
    const body = JSON.stringify(form({ email: 'somebody@example.com', password: PASSWORD }));
    expect(await send('POST /auth/signin', body, { cookie })).toMatchObject({ status: 200, body: { status: 'OK' } });
    const answer = await send('POST /auth/signin', body, {
      'x-filler': 'x'.repeat(9_000),
      'user-agent': 'x'.repeat(900),
    });
    expect(answer).toMatchObject({ status: 200, body: { status: 'OK' } });
  });

  it('a body that only says it is gzip is read as what it is', async () => {
    const body = JSON.stringify(form({ email: 'somebody@example.com', password: 'x' }));
    expect((await send('POST /auth/signin', body, { 'content-encoding': 'gzip' })).status).toBe(200);
    refused(await send('POST /auth/signin', Buffer.from([0x1f, 0x8b, 8, 0]), { 'content-encoding': 'gzip' }));
  });
});
