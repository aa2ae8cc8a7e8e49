/**
 * A token is believed only when the provider that was asked signed it, for this client and for this very flow.
 *
 * Why: each of these was accepted by somebody's library once: `alg: none`, a public key taken for an HMAC secret, a token
 * of another client at the same provider.
 */
import { createHmac } from 'node:crypto';
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useHostileIdp } from '../support/hostile-idp.ts';
import { CLIENT } from '../support/oidc-provider.ts';
import { useStepgate } from '../support/stepgate.ts';
import { begin, configure, corp, finish, goodClaims, type Started } from '../support/third-party.ts';

const stepgate = useStepgate();
const idp = useHostileIdp();

beforeAll(() =>
  configure(stepgate, 'public', {
    mfaPolicy: { rules: [] },
    providers: [corp(idp.issuer(), { requireEmail: false })],
  }),
);
beforeEach(() => idp.quiet());

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const unsigned = (header: object, claims: object): string => `${part(header)}.${part(claims)}.`;

type Making = (started: Started) => Promise<string> | string;
const withClaims =
  (change: object): Making =>
  (started) =>
    idp.token(goodClaims(started, idp.issuer(), change));

async function tokenOf(making: Making) {
  const page = stepgate.browser('header');
  const started = await begin(page);
  idp.says(await making(started));
  return { page, answer: await finish(page, started, { code: 'c' }) };
}

describe('an id_token', () => {
  it('is believed when everything about it is right', async () => {
    const { answer, page } = await tokenOf(withClaims({}));
    expect(answer.body.status).toBe('OK');
    expect((await page.me()).status).toBe(200);
  });

  it.each<[string, Making]>([
    ['without a signature, alg none', (s) => unsigned({ alg: 'none' }, goodClaims(s, idp.issuer()))],
    ['with alg None', (s) => unsigned({ alg: 'None', kid: 'k1' }, goodClaims(s, idp.issuer()))],
    [
      'with HS256 by the public key',
      async (s) => {
        const text = `${part({ alg: 'HS256', kid: 'k1' })}.${part(goodClaims(s, idp.issuer()))}`;
        return `${text}.${createHmac('sha256', await exportSPKI(idp.publicKey()))
          .update(text)
          .digest('base64url')}`;
      },
    ],
    [
      'with HS256 by the client secret',
      (s) => {
        const text = `${part({ alg: 'HS256' })}.${part(goodClaims(s, idp.issuer()))}`;
        return `${text}.${createHmac('sha256', CLIENT.clientSecret).update(text).digest('base64url')}`;
      },
    ],
    [
      'signed with a key of somebody else',
      async (s) => {
        const { privateKey } = await generateKeyPair('RS256');
        return new SignJWT(goodClaims(s, idp.issuer()))
          .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
          .sign(privateKey);
      },
    ],
    ['with an unknown kid', (s) => idp.token(goodClaims(s, idp.issuer()), { kid: 'k2' })],
    [
      'changed after it was signed',
      async (s) => {
        const [head, , signature] = (await idp.token(goodClaims(s, idp.issuer()))).split('.');
        return `${head}.${part(goodClaims(s, idp.issuer(), { sub: 'victim' }))}.${signature}`;
      },
    ],
    ['for another client', withClaims({ aud: 'another-client' })],
    ['for two clients without an authorised party', withClaims({ aud: [CLIENT.clientId, 'another-client'] })],
    ['whose authorised party is another client', withClaims({ azp: 'another-client' })],
    ['for two clients, made for the other', withClaims({ aud: [CLIENT.clientId, 'x'], azp: 'x' })],
    ['without an audience', withClaims({ aud: undefined })],
    ['of another issuer', withClaims({ iss: 'https://evil.example' })],
    ['of an issuer with a slash more', (s) => idp.token(goodClaims(s, `${idp.issuer()}/`))],
    ['without an issuer', withClaims({ iss: undefined })],
    ['with the nonce of another flow', withClaims({ nonce: 'another' })],
    ['without a nonce', withClaims({ nonce: undefined })],
    ['that is over', withClaims({ exp: Math.floor(Date.now() / 1000) - 3_600 })],
    ['without an end', withClaims({ exp: undefined })],
    ['that is not valid yet', withClaims({ nbf: Math.floor(Date.now() / 1000) + 3_600 })],
    ['without a subject', withClaims({ sub: undefined })],
    ['with an empty subject', withClaims({ sub: '' })],
    ['that is no token', () => 'not.a.token'],
  ])('%s is refused, and begins no session', async (_, making) => {
    const { page, answer } = await tokenOf(making);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      status: 'GENERAL_ERROR',
      message: expect.stringMatching(/^We couldn't sign you in with Corp right now\./),
    });
    expect(answer.headers.get('st-access-token')).toBeNull();
    expect((await page.me()).status).toBe(401);
    expect(stepgate.logged.at(-1)).toMatchObject({ event: expect.any(String) });
  });

  it('is missing: an access token alone says nothing of who it is', async () => {
    const page = stepgate.browser('header');
    const started = await begin(page);
    idp.on('/token', () => ({ body: { access_token: 'at', token_type: 'Bearer' } }));
    expect((await finish(page, started, { code: 'c' })).body.status).toBe('GENERAL_ERROR');
  });

  it('handed in by a client is refused, whoever it is for', async () => {
    const page = stepgate.browser('header');
    const started = await begin(page);
    const id_token = await idp.token(goodClaims(started, idp.issuer()));
    const answer = await page.post('/auth/signinup', { thirdPartyId: 'corp', oAuthTokens: { id_token } });
    expect(answer).toMatchObject({
      status: 400,
      body: { message: 'oAuthTokens are not accepted: send redirectURIInfo' },
    });
  });
});
