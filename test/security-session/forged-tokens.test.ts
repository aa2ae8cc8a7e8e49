/**
 * Only a token that we signed, for us, now, is a session; whatever else is presented is a 401, asks nobody outside and
 * costs no more than reading it.
 *
 * Why: RFC 8725; algorithm confusion and keys taken from the token are how JWT libraries were broken (CVE-2026-22817),
 * and a key lookup per unknown `kid` is a way to make a service pay for garbage.
 */
import { exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundPort } from '../../infra/local/ports.ts';
import { gateway } from '../support/gateway.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { EVERYBODY, NOBODY } from './mfa.ts';

const stepgate = useStepgate();
const EMAIL = 'victim@example.com';

let hits = 0;
const outside = createServer((_, response) => {
  hits += 1;
  response.end('{"keys":[]}');
});
let outsideUrl = '';

beforeAll(async () => {
  await stepgate.tenant('public', NOBODY);
  await stepgate.tenant('asking', EVERYBODY);
  await stepgate.user(EMAIL);
  await stepgate.user(EMAIL, { tenantId: 'asking' });
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
  outsideUrl = `http://127.0.0.1:${boundPort(outside)}/jwks.json`;
});
afterAll(() => outside.close());

type Parts = {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
};

const json = (part: string | undefined) => JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'));
const encode = (value: unknown) => Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');

async function genuine() {
  const page = stepgate.browser('header');
  await page.signIn(EMAIL, PASSWORD);
  const { access, refresh } = page.tokens();
  const [header, payload] = access!.split('.');
  return { access: access!, refresh: refresh!, parts: { header: json(header), payload: json(payload) } as Parts };
}

/** Signed with the very key that we sign with: only what it says is wrong. */
async function signed({ header, payload }: Parts): Promise<string> {
  const { key } = await stepgate.app().keys.signer();
  return new SignJWT({ ...payload }).setProtectedHeader({ ...header, alg: 'RS256' }).sign(key, { crit: { x: true } });
}

async function byStranger({ header, payload }: Parts): Promise<string> {
  const { privateKey } = await stranger;
  return new SignJWT({ ...payload }).setProtectedHeader({ ...header, alg: 'RS256' }).sign(privateKey);
}
const stranger = generateKeyPair('RS256', { extractable: true });

async function publicPem(kid: string): Promise<string> {
  const jwk = (await stepgate.app().keys.jwks()).find((key) => key['kid'] === kid);
  const key = await importJWK({ ...jwk, ext: true }, 'RS256', { extractable: true });
  if (key instanceof Uint8Array) throw new Error(`${kid} is not a public key`);
  return exportSPKI(key);
}

function hs256({ header, payload }: Parts, secret: string): string {
  const text = `${encode({ ...header, alg: 'HS256' })}.${encode(payload)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

const now = () => Math.floor(stepgate.clock.now() / 1000);
const says = (parts: Parts, change: Readonly<Record<string, unknown>>): Parts => ({
  ...parts,
  payload: { ...parts.payload, ...change },
});
const heads = (parts: Parts, change: Readonly<Record<string, unknown>>): Parts => ({
  ...parts,
  header: { ...parts.header, ...change },
});

type Genuine = Awaited<ReturnType<typeof genuine>>;

const forgeries: Readonly<Record<string, (token: Genuine) => string | Promise<string>>> = {
  'alg none': ({ parts }) => new UnsecuredJWT({ ...parts.payload }).encode(),
  'alg none with our header': ({ parts }) => `${encode({ ...parts.header, alg: 'none' })}.${encode(parts.payload)}.`,
  'alg None': ({ parts, access }) =>
    `${encode({ ...parts.header, alg: 'None' })}.${encode(parts.payload)}.${access.split('.')[2]}`,
  'HS256 with our public key': async ({ parts }) => hs256(parts, await publicPem(String(parts.header['kid']))),
  'HS256 said to be RS256': async ({ parts }) => {
    const text = `${encode(parts.header)}.${encode(parts.payload)}`;
    return `${text}.${createHmac('sha256', await publicPem(String(parts.header['kid'])))
      .update(text)
      .digest('base64url')}`;
  },
  'a stranger’s key under our kid': ({ parts }) => byStranger(parts),
  'kid a path': ({ parts }) => byStranger(heads(parts, { kid: '../../../../dev/null' })),
  'kid SQL': ({ parts }) => byStranger(heads(parts, { kid: "x' UNION SELECT 'key" })),
  'kid of the prototype': ({ parts }) => byStranger(heads(parts, { kid: '__proto__' })),
  'kid a number': ({ parts }) => byStranger(heads(parts, { kid: 7 })),
  'no kid': ({ parts }) => byStranger(heads(parts, { kid: undefined })),
  'its own jwk': async ({ parts }) => byStranger(heads(parts, { jwk: await exportJWK((await stranger).publicKey) })),
  jku: ({ parts }) => byStranger(heads(parts, { jku: outsideUrl, kid: 'd-1' })),
  'jku under our kid': ({ parts }) => byStranger(heads(parts, { jku: outsideUrl })),
  x5u: ({ parts }) => byStranger(heads(parts, { x5u: outsideUrl })),
  crit: ({ parts }) => signed(heads(parts, { crit: ['x'], x: 1 })),
  'another typ': ({ parts }) => signed(heads(parts, { typ: 'at+jwt' })),
  'another version': ({ parts }) => signed(heads(parts, { version: '4' })),
  'another issuer': ({ parts }) => signed(says(parts, { iss: 'https://evil.example/auth' })),
  'another audience': ({ parts }) => signed(says(parts, { aud: 'https://api.example' })),
  'no audience': ({ parts }) => signed(says(parts, { aud: undefined })),
  'an audience of both worlds at another issuer': ({ parts }) =>
    signed(says(parts, { aud: ['http://localhost:3001', 'x'], iss: 'x' })),
  'exp past': ({ parts }) => signed(says(parts, { exp: now() - 1 })),
  'exp this second': ({ parts }) => signed(says(parts, { exp: now() })),
  'exp text': ({ parts }) => signed(says(parts, { exp: '9999999999' })),
  'no exp': ({ parts }) => signed(says(parts, { exp: undefined })),
  'nbf future': ({ parts }) => signed(says(parts, { nbf: now() + 60 })),
  'no subject': ({ parts }) => signed(says(parts, { sub: undefined })),
  'no claim of factors': ({ parts }) => signed(says(parts, { 'st-mfa': undefined })),
  'a claim of factors that is text': ({ parts }) => signed(says(parts, { 'st-mfa': 'v' })),
  'a satisfied that is text': ({ parts }) => signed(says(parts, { 'st-mfa': { c: {}, v: 'true' } })),
  'an OAuth token of ours': ({ parts }) => signed(says(parts, { stt: 1 })),
  'the payload changed': ({ parts, access }) =>
    [access.split('.')[0], encode({ ...parts.payload, sub: randomUUID() }), access.split('.')[2]].join('.'),
  'truncated by a character': ({ access }) => access.slice(0, -1),
  'truncated to half': ({ access }) => access.slice(0, access.length / 2),
  'without a signature': ({ access }) => access.slice(0, access.lastIndexOf('.') + 1),
  'a part too many': ({ access }) => `${access}.x`,
  'a refresh token': ({ refresh }) => refresh,
  '100 kB of payload': ({ parts }) => byStranger(says(parts, { filler: 'x'.repeat(100_000) })),
  '100 kB of dots': () => '.'.repeat(100_000),
  'bad UTF-8 in the header': ({ access }) =>
    [Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString('base64url'), ...access.split('.').slice(1)].join('.'),
  'bad UTF-8 in the payload': ({ access }) => {
    const [header, , signature] = access.split('.');
    return [header, Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString('base64url'), signature].join('.');
  },
  'a header that is a list': ({ access }) => [encode([1]), ...access.split('.').slice(1)].join('.'),
  'a header that is null': ({ access }) => [encode(null), ...access.split('.').slice(1)].join('.'),
  'nothing but text': () => 'token',
};

describe('SEC-44: a token that is not ours', () => {
  it.each(Object.entries(forgeries))('%s: is 401 in a header and in a cookie', async (_, forge) => {
    const token = await forge(await genuine());
    const call = gateway(stepgate.app());
    const errors = stepgate.logged.filter(({ level }) => level === 'error').length;
    for (const [method, path] of [
      ['GET', '/me'],
      ['GET', '/auth/sessions'],
      ['PUT', '/auth/mfa/info'],
      ['POST', '/auth/signout'],
    ] as const) {
      for (const carried of [
        { headers: { authorization: `Bearer ${token}` } },
        { cookies: [`sAccessToken=${encodeURIComponent(token)}`] },
      ]) {
        const reply = await call(method, path, carried);
        expect(reply.status).toBe(401);
        expect(['unauthorised', 'try refresh token']).toContain(reply.body.message);
        expect(reply.cookies).toEqual([]);
      }
    }
    expect(stepgate.logged.filter(({ level }) => level === 'error')).toHaveLength(errors);
    expect(hits).toBe(0);
  });

  it('is never theft, nor the end of the genuine one', async () => {
    const token = await genuine();
    const call = gateway(stepgate.app());
    const bearer = { headers: { authorization: `Bearer ${token.access}` } };
    expect((await call('GET', '/me', bearer)).status).toBe(200);
    await call('GET', '/me', { headers: { authorization: `Bearer ${await byStranger(token.parts)}` } });
    expect((await call('GET', '/me', bearer)).status).toBe(200);
  });

  it('is a pending token, too, wherever the policy must be satisfied', async () => {
    const page = stepgate.browser('header', 'asking');
    await page.signIn(EMAIL, PASSWORD);
    const call = gateway(stepgate.app());
    const reply = await call('GET', '/me', { headers: { authorization: `Bearer ${page.tokens().access}` } });
    expect(reply.status).toBe(403);
  });
});

describe('SEC-46: a thousand tokens with kids of their own', () => {
  it('are refused without a request for any of them', async () => {
    const { parts } = await genuine();
    const call = gateway(stepgate.app());
    let requests = 0;
    stepgate.app().table.db.middlewareStack.add(
      (next) => (args) => {
        requests += 1;
        return next(args);
      },
      { step: 'initialize', name: 'countRequests' },
    );
    const template = await byStranger(parts);
    const rest = template.split('.').slice(1).join('.');
    for (let i = 0; i < 1_000; i += 1) {
      const token = `${encode({ ...parts.header, kid: `d-${randomUUID()}` })}.${rest}`;
      expect((await call('GET', '/me', { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
    }
    stepgate.app().table.db.middlewareStack.remove('countRequests');
    expect(requests).toBeLessThanOrEqual(1);
  });
});

describe('SEC-53: the front token', () => {
  it('says what the access token says and holds no contact and no secret', async () => {
    const page = stepgate.browser('cookie', 'asking');
    const answer = await page.signIn(EMAIL, PASSWORD);
    const text = Buffer.from(answer.headers.get('front-token')!, 'base64').toString('utf8');
    const front = JSON.parse(text);
    const payload = json(page.tokens().access?.split('.')[1]);
    expect(front).toEqual({ uid: payload.sub, ate: payload.exp * 1000, up: payload });
    expect(text).not.toContain(EMAIL);
    expect(text).not.toContain(page.tokens().refresh);
    expect(Object.keys(payload).toSorted()).toEqual(
      (
        'acr amr antiCsrfToken aud auth_time epoch exp firstFactor iat iss parentRefreshTokenHash1 pe pt refreshTokenHash1 rsub ' +
        'scope sessionHandle st-mfa st-perm st-role sub tId'
      ).split(' '),
    );
  });

  it('is believed by nobody when it comes back', async () => {
    const page = stepgate.browser('cookie', 'asking');
    await page.signIn(EMAIL, PASSWORD);
    const forged = Buffer.from(
      JSON.stringify({ uid: 'admin', ate: 9e12, up: { ...page.claims(), sub: 'admin', 'st-mfa': { c: {}, v: true } } }),
    ).toString('base64');
    const answer = await page.send('GET', '/me', undefined, {
      headers: { 'front-token': forged, 'st-access-token': forged },
    });
    expect(answer.status).toBe(403);
    const info = await page.send('PUT', '/auth/mfa/info', {}, { headers: { 'front-token': forged } });
    expect(info.body).toMatchObject({ status: 'OK', factors: { next: ['otp-email'] } });
  });
});
