/**
 * A provider that is slow, broken or hostile costs somebody one sign-in and nobody anything else: three seconds, a
 * sentence that says what to do, and a line in the log that repeats nothing.
 */
import { createServer } from 'node:http';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { boundPort } from '../../infra/local/ports.ts';
import { type Answered, useHostileIdp } from '../support/hostile-idp.ts';
import { CLIENT } from '../support/oidc-provider.ts';
import { useStepgate } from '../support/stepgate.ts';
import { ask, begin, configure, corp, finish, goodClaims } from '../support/third-party.ts';

const stepgate = useStepgate();
const idp = useHostileIdp();
const DISCOVERY = '/.well-known/openid-configuration';

let tenants = 0;
let tenantId = '';
beforeAll(() => configure(stepgate, 'public', { providers: [corp(idp.issuer())] }));
/** Documents are remembered by issuer: each test has a path of its own. */
beforeEach(async () => {
  idp.quiet();
  tenantId = `tenant-${(tenants += 1)}`;
  await configure(stepgate, tenantId, { mfaPolicy: { rules: [] }, providers: [corp(issuer())] });
});
const issuer = () => `${idp.issuer()}/${tenantId}`;
const document = (change: object = {}) => ({
  issuer: issuer(),
  authorization_endpoint: `${idp.issuer()}/authorize`,
  token_endpoint: `${idp.issuer()}/token`,
  jwks_uri: `${idp.issuer()}/jwks`,
  id_token_signing_alg_values_supported: ['RS256'],
  ...change,
});
const discovered = (answer: Answered) => idp.on(`/${tenantId}${DISCOVERY}`, () => answer);
const reason = () => stepgate.logged.findLast(({ event }) => event === 'provider.failed')?.fields['reason'];
const start = () => ask(stepgate.browser('header'), { tenantId });

const SORRY = {
  status: 'GENERAL_ERROR',
  message: "We couldn't sign you in with Corp right now. Please try again in a minute, or sign in another way.",
};

describe('a discovery document', () => {
  it.each<[string, () => Answered, RegExp]>([
    ['of another issuer', () => ({ body: document({ issuer: 'https://evil.example' }) }), /names another issuer/],
    ['that is not there', () => ({ status: 404 }), /OAUTH_/],
    ['of a broken server', () => ({ status: 500 }), /OAUTH_/],
    ['that is no JSON', () => ({ headers: { 'content-type': 'text/html' }, body: '<html>' }), /OAUTH_/],
    ['elsewhere', () => ({ status: 302, headers: { location: 'http://169.254.169.254/' } }), /OAUTH_/],
    ['that is endless', () => ({ body: { ...document(), x: 'x'.repeat(600_000) } }), /answer too large/],
  ])('%s leads nowhere', async (_, answer, expected) => {
    discovered(answer());
    expect((await start()).body).toEqual(SORRY);
    expect(reason()).toMatch(expected);
  });

  it('that failed is asked for again the next time', async () => {
    discovered({ status: 500 });
    expect((await start()).body.status).toBe('GENERAL_ERROR');
    discovered({ body: document() });
    expect((await start()).body.status).toBe('OK');
  });
});

describe('a token endpoint', () => {
  it.each([
    ['on a bare address of the metadata service', 'http://169.254.169.254/latest/meta-data'],
    ['on a private address', 'https://10.0.0.1/token'],
    ['on a host nobody listed', 'https://evil.example/token'],
    ['on another port of the same machine', 'http://127.0.0.1:1/token'],
  ])('%s is never called', async (_, token_endpoint) => {
    discovered({ body: document({ token_endpoint }) });
    const page = stepgate.browser('header', tenantId);
    const answer = await finish(page, await begin(page, { tenantId }), { code: 'c' });
    expect(answer.body).toEqual(SORRY);
    expect(reason()).toBe(`host not allowed: ${new URL(token_endpoint).host}`);
  });

  it('that leads elsewhere is not followed', async () => {
    let called = 0;
    const elsewhere = createServer((_, response) => {
      called += 1;
      response.end('{}');
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    discovered({ body: document() });
    const location = `http://127.0.0.1:${boundPort(elsewhere)}/token`;
    idp.on('/token', () => ({ status: 307, headers: { location } }));
    const page = stepgate.browser('header', tenantId);
    expect((await finish(page, await begin(page, { tenantId }), { code: 'c' })).body).toEqual(SORRY);
    expect(called).toBe(0);
    elsewhere.close();
  });

  it('that does not answer is waited for three seconds', async () => {
    discovered({ body: document() });
    const page = stepgate.browser('header', tenantId);
    const started = await begin(page, { tenantId });
    idp.on('/token', () => new Promise((resolve) => setTimeout(() => resolve({}), 6_000).unref()));
    const before = Date.now();
    expect((await finish(page, started, { code: 'c' })).body).toEqual(SORRY);
    expect(Date.now() - before).toBeLessThan(4_000);
    expect(reason()).toBe('OAUTH_TIMEOUT');
  });

  it('that refuses names its error in the log, and neither code nor secret', async () => {
    discovered({ body: document() });
    idp.on('/token', (form) => ({
      status: 400,
      body: { error: 'invalid_grant', error_description: `no ${form.get('code')} ${CLIENT.clientSecret}` },
    }));
    const page = stepgate.browser('header', tenantId);
    const started = await begin(page, { tenantId });
    expect((await finish(page, started, { code: 'a-code-of-somebody' })).body).toEqual(SORRY);
    expect(reason()).toBe('OAUTH_RESPONSE_BODY_ERROR invalid_grant');
    const log = JSON.stringify(stepgate.logged);
    for (const secret of ['a-code-of-somebody', CLIENT.clientSecret, started.pkceCodeVerifier]) {
      expect(log).not.toContain(secret);
    }
  });
});

describe('a way back', () => {
  it.each([
    ['with an error in place of a code', { error: 'access_denied' }, 'access_denied'],
    ['with an error that is a line of the log', { error: 'x\n{"event":"forged"}' }, 'unnamed'],
    ['with nothing', {}, 'unnamed'],
  ])('%s says that nobody signed in, and is no alarm', async (_, params, expected) => {
    discovered({ body: document() });
    const failures = () => stepgate.logged.filter(({ event }) => event === 'provider.failed').length;
    const before = failures();
    const page = stepgate.browser('header', tenantId);
    expect((await finish(page, await begin(page, { tenantId }), params)).body).toEqual({
      status: 'GENERAL_ERROR',
      message: 'You have not signed in with Corp. Please try again.',
    });
    expect(stepgate.logged.findLast(({ event }) => event === 'provider.denied')?.fields).toMatchObject({
      reason: expected,
      thirdPartyId: 'corp',
    });
    expect(failures()).toBe(before);
  });

  it('of another provider, by its iss, is refused where the provider says its name there', async () => {
    discovered({ body: document({ authorization_response_iss_parameter_supported: true }) });
    for (const [params, status] of [
      [{ code: 'c', iss: 'https://evil.example' }, 'GENERAL_ERROR'],
      [{ code: 'c' }, 'GENERAL_ERROR'],
      [{ code: 'c', iss: issuer() }, 'OK'],
    ] as const) {
      const page = stepgate.browser('header', tenantId);
      const started = await begin(page, { tenantId });
      idp.says(await idp.token(goodClaims(started, issuer(), { email: 'iss@example.com' })));
      expect((await finish(page, started, params)).body.status).toBe(status);
    }
  });
});
