/**
 * People and codes go back to pages the tenant listed and nowhere else, compared after parsing and exactly.
 *
 * Why: CVE-2026-41569; wildcards, prefixes and odd spellings led codes to others.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { useHostileIdp } from '../support/hostile-idp.ts';
import { useStepgate } from '../support/stepgate.ts';
import { ask, configure, corp } from '../support/third-party.ts';

const stepgate = useStepgate();
const idp = useHostileIdp();

beforeAll(() =>
  configure(stepgate, 'public', {
    mfaPolicy: { rules: [] },
    allowedOrigins: ['https://app.example'],
    providers: [
      corp(idp.issuer()),
      corp(idp.issuer(), { thirdPartyId: 'exact', redirectUris: ['https://app.example/cb'] }),
    ],
  }),
);

const allowed = async (redirectUri: string, thirdPartyId = 'corp') =>
  ask(stepgate.browser('header'), { redirectUri, thirdPartyId });

describe('SEC-69: an address to come back to', () => {
  it.each([
    'https://app.example/cb',
    'https://app.example/auth/callback/corp',
    'http://localhost:3001/auth/callback/x',
  ])('may be %s', async (redirectUri) => {
    const { body } = await allowed(redirectUri);
    expect(body.status).toBe('OK');
    expect(new URL(body.urlWithQueryParams).searchParams.get('redirect_uri')).toBe(redirectUri);
  });

  it.each([
    'https://app.example.evil/cb',
    'https://app.exampleevil/cb',
    '//evil/cb',
    '\\evil',
    'https:\\\\app.example\\cb',
    'https://app.example@evil/cb',
    'https://evil#@app.example/cb',
    'https://evil?https://app.example/cb',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://app.example/cb/../x',
    'https://app.example/./cb',
    'https://app.example/cb%0d%0aX: y',
    'https://app.example/cb%2f..%2fx',
    'https://app.example/cb\t',
    ' https://app.example/cb',
    'HTTPS://app.example/cb',
    'https://APP.example/cb',
    'https://app.example:443/cb',
    'https://app.example:8443/cb',
    'http://app.example/cb',
    'https://app.example./cb',
    'https://user:pw@app.example/cb',
    'https://app.example/cb?next=//evil',
    'https://app.example/cb#x',
    'https://аpp.example/cb',
    '/cb',
    'null',
  ])('may not be %j', async (redirectUri) => {
    expect(await allowed(redirectUri)).toMatchObject({
      status: 400,
      body: { message: 'redirectURIOnProviderDashboard is not allowed for this tenant' },
    });
  });

  it('is one of the list, where the provider has one', async () => {
    expect((await allowed('https://app.example/cb', 'exact')).body.status).toBe('OK');
    for (const other of ['https://app.example/cb/', 'https://app.example/CB', 'https://app.example/other']) {
      expect((await allowed(other, 'exact')).status).toBe(400);
    }
  });

  it('is asked for again at the way back', async () => {
    const answer = await stepgate.browser('header').post('/auth/signinup', {
      thirdPartyId: 'corp',
      redirectURIInfo: {
        redirectURIOnProviderDashboard: 'https://evil.example/cb',
        redirectURIQueryParams: { code: 'c' },
        pkceCodeVerifier: 'v',
      },
    });
    expect(answer.status).toBe(400);
  });
});

describe('a request that cannot be understood', () => {
  it.each([
    ['an unknown provider', { thirdPartyId: 'nobody' }],
    ['an unknown client type', { clientType: 'ios' }],
    ['a name of a prototype', { thirdPartyId: '__proto__' }],
  ])('with %s is 400', async (_, flow) => {
    expect(await ask(stepgate.browser('header'), flow)).toMatchObject({
      status: 400,
      body: { message: 'this tenant has no such provider: check thirdPartyId and clientType' },
    });
  });

  it('without a provider or an address is 400', async () => {
    const page = stepgate.browser('header');
    expect((await page.get('/auth/authorisationurl?thirdPartyId=corp')).status).toBe(400);
    expect((await page.get('/auth/authorisationurl?redirectURIOnProviderDashboard=x')).status).toBe(400);
    expect((await page.post('/auth/signinup', { thirdPartyId: 'corp' })).status).toBe(400);
  });
});
