/**
 * Whoever knows nothing of us but the issuer's address can check our tokens, and takes none for finished that still
 * owes a factor.
 *
 * Why: other services and API Gateway's authorizer verify with standard libraries (design §5.4, wire.md §2.6). One
 * private member in the published set would give everybody the right to sign.
 */
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const EMAIL = 'reader@example.com';
const API = 'http://localhost:3001';
const ISSUER = `${API}/auth`;

beforeAll(async () => {
  await stepgate.tenant('public', { mfaPolicy: { rules: [] } });
  await stepgate.tenant('asking', {
    contactMethod: 'EMAIL',
    mfaPolicy: { rules: [{ id: 'all', require: ['otp-email'] }] },
  });
  await stepgate.user(EMAIL);
  await stepgate.user(EMAIL, { tenantId: 'asking' });
});

const published = () => stepgate.browser().get('/auth/jwt/jwks.json');

/** A verifier that is not ours: fetches the set, and knows issuer and audience. */
async function verify(token: string, audience: string, issuer = ISSUER) {
  const set = createLocalJWKSet((await published()).body as JSONWebKeySet);
  return jwtVerify(token, set, {
    issuer,
    audience,
    algorithms: ['RS256'],
    currentDate: new Date(stepgate.clock.now()),
  });
}

async function tokenOf(tenantId?: string): Promise<string> {
  const page = stepgate.browser('header', tenantId);
  await page.signIn(EMAIL, PASSWORD);
  return page.tokens().access!;
}

describe('GET jwt/jwks.json', () => {
  it('publishes the key in use and the next one, and of each the public members alone', async () => {
    const { status, body } = await published();
    expect(status).toBe(200);
    expect(body.keys).toHaveLength(2);
    for (const key of body.keys) {
      expect(Object.keys(key).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
      expect(key).toMatchObject({ kty: 'RSA', alg: 'RS256', use: 'sig', kid: expect.stringMatching(/^d-\d+$/) });
      expect(Buffer.from(key.n, 'base64url').byteLength).toBeGreaterThanOrEqual(256);
    }
    expect(new Set(body.keys.map((key: { kid: string }) => key.kid)).size).toBe(2);
    const { kid } = await stepgate.app().keys.signer();
    expect(body.keys.map((key: { kid: string }) => key.kid)).toContain(kid);
  });

  it('may be read by anybody and kept for five minutes, and sets no cookie', async () => {
    const { headers, setCookies } = await published();
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(headers.get('cache-control')).toBe('public, max-age=300, must-revalidate');
    expect(setCookies).toEqual([]);
  });
});

describe('a foreign verifier', () => {
  it('accepts a token of a finished session, and reads who it is and how they came in', async () => {
    const { payload, protectedHeader } = await verify(await tokenOf(), API);
    expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'JWT', version: '5' });
    expect(payload).toMatchObject({ scope: 'mfa', amr: ['pwd'], tId: 'public' });
  });

  it('refuses the token of a session that still owes a factor, unless it asks for just that', async () => {
    const pending = await tokenOf('asking');
    await expect(verify(pending, API)).rejects.toMatchObject({ code: 'ERR_JWT_CLAIM_VALIDATION_FAILED', claim: 'aud' });
    const { payload } = await verify(pending, `${API}/mfa-pending`);
    expect(payload).toMatchObject({ scope: '', 'st-mfa': { v: false } });
  });

  it('refuses another issuer, an expired token and a changed one', async () => {
    const token = await tokenOf();
    await expect(verify(token, API, API)).rejects.toMatchObject({ claim: 'iss' });
    const [header, payload, signature] = token.split('.');
    const changed = JSON.parse(Buffer.from(payload!, 'base64url').toString('utf8'));
    const forged = Buffer.from(JSON.stringify({ ...changed, sub: 'admin' })).toString('base64url');
    await expect(verify([header, forged, signature].join('.'), API)).rejects.toMatchObject({
      code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    });
    stepgate.clock.advance(900_000);
    await expect(verify(token, API)).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' });
  });
});

describe('GET .well-known/openid-configuration', () => {
  it('leads from the issuer to the keys', async () => {
    const page = stepgate.browser();
    const { status, body, headers } = await page.get('/auth/.well-known/openid-configuration');
    expect(status).toBe(200);
    expect(body).toEqual({
      issuer: ISSUER,
      jwks_uri: `${ISSUER}/jwt/jwks.json`,
      response_types_supported: [],
      subject_types_supported: ['public'],
      scopes_supported: ['mfa'],
      id_token_signing_alg_values_supported: ['RS256'],
    });
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('cache-control')).toMatch(/^public, max-age=\d+/);
    expect((await page.get(new URL(body.jwks_uri).pathname)).body.keys).toHaveLength(2);
  });
});
