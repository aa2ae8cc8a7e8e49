/** Providers without OpenID: GitHub's two calls, and any other by its paths. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useHostileIdp } from '../support/hostile-idp.ts';
import { CLIENT } from '../support/oidc-provider.ts';
import { useStepgate } from '../support/stepgate.ts';
import { begin, configure, finish } from '../support/third-party.ts';

const stepgate = useStepgate();
const idp = useHostileIdp();

beforeAll(async () => {
  const endpoints = {
    authorization: `${idp.issuer()}/authorize`,
    token: `${idp.issuer()}/token`,
    userInfo: `${idp.issuer()}/user`,
  };
  await configure(stepgate, 'public', {
    mfaPolicy: { rules: [] },
    providers: [
      { thirdPartyId: 'github', ...CLIENT, endpoints },
      {
        thirdPartyId: 'own',
        preset: 'oauth2',
        ...CLIENT,
        endpoints,
        scopes: ['who'],
        claims: { userId: 'data.id', email: 'data.mail', emailVerified: 'data.proved' },
      },
    ],
  });
});
beforeEach(() => {
  idp.quiet();
  idp.on('/token', (form) => ({
    body: form.get('code') === 'c' ? { access_token: 'at', token_type: 'bearer' } : { error: 'bad_verification_code' },
  }));
});

async function signIn(thirdPartyId: string, code = 'c') {
  const page = stepgate.browser('header');
  const started = await begin(page, { thirdPartyId });
  return { started, ...(await finish(page, started, { code })) };
}

describe('GitHub', () => {
  const user = (id: unknown, email?: string) => idp.on('/user', () => ({ body: { id, login: 'anna', email } }));
  const emails = (list: unknown) => idp.on('/user/emails', () => ({ body: list }));

  it('is asked with PKCE, and its numbers are people', async () => {
    user(583231, 'public@example.com');
    emails([
      { email: 'second@example.com', primary: false, verified: true },
      { email: 'first@example.com', primary: true, verified: true },
    ]);
    const { started, body } = await signIn('github');
    expect(Object.fromEntries(started.url.searchParams)).toMatchObject({
      scope: 'read:user user:email',
      code_challenge_method: 'S256',
    });
    expect(started.url.searchParams.has('nonce')).toBe(false);
    expect(body).toMatchObject({
      status: 'OK',
      user: {
        thirdParty: [{ id: 'github', userId: '583231' }],
        loginMethods: [{ email: 'first@example.com', verified: true }],
      },
    });
    expect(idp.seen.findLast(({ path }) => path === '/token')?.form.get('code_verifier')).toBe(
      started.pkceCodeVerifier,
    );
  });

  it('does not vouch for an address that was not verified, nor for the one on the profile', async () => {
    user(2, 'profile@example.com');
    emails([{ email: 'primary@example.com', primary: true, verified: false }]);
    expect((await signIn('github')).body.user.loginMethods).toMatchObject([
      { email: 'primary@example.com', verified: false },
    ]);
    user(3, 'profile@example.com');
    emails([]);
    expect((await signIn('github')).body).toEqual({ status: 'NO_EMAIL_GIVEN_BY_PROVIDER' });
  });

  it.each([undefined, null, '', 1.5, { id: 1 }, Number.MAX_SAFE_INTEGER + 1])(
    'that names nobody (%j) lets nobody in',
    async (id) => {
      user(id);
      emails([{ email: 'a@example.com', primary: true, verified: true }]);
      expect((await signIn('github')).body.status).toBe('GENERAL_ERROR');
    },
  );

  it('that refuses the code, or the question who it is, lets nobody in', async () => {
    expect((await signIn('github', 'wrong')).body.status).toBe('GENERAL_ERROR');
    idp.on('/user', () => ({ status: 401, body: { id: 4 } }));
    expect((await signIn('github')).body.status).toBe('GENERAL_ERROR');
  });
});

describe('any other OAuth 2 provider', () => {
  it('tells who it is at the paths that the tenant names', async () => {
    idp.on('/user', (_, headers) => ({
      body: {
        data: { id: headers['authorization'] === 'Bearer at' ? 'u-1' : '', mail: 'O@example.com', proved: true },
      },
    }));
    const { started, body } = await signIn('own');
    expect(started.url.searchParams.get('scope')).toBe('who');
    expect(body.user).toMatchObject({
      thirdParty: [{ id: 'own', userId: 'u-1' }],
      loginMethods: [{ email: 'o@example.com', verified: true }],
    });
  });

  it('reads no member that an object only inherits', async () => {
    idp.on('/user', () => ({ body: { data: [] } }));
    expect((await signIn('own')).body.status).toBe('GENERAL_ERROR');
  });
});
