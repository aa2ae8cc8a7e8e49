/**
 * Who somebody is: tenant, provider and subject there. Never the address, and never what an issuer calls itself.
 *
 * Why: V6.8.1; an issuer that was renamed locked people out elsewhere (Supabase #2051).
 */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useHostileIdp } from '../support/hostile-idp.ts';
import { useStepgate } from '../support/stepgate.ts';
import { begin, configure, corp, finish, type Flow, goodClaims } from '../support/third-party.ts';
import { passCode } from '../journeys/steps.ts';

const stepgate = useStepgate();
const idp = useHostileIdp();
const ENTRA_DIRECTORY = '11111111-2222-3333-4444-555555555555';

const entra = (issuer: string) =>
  corp(`${issuer}/common/v2.0`, {
    thirdPartyId: 'active-directory',
    directoryId: 'common',
    acceptedIssuers: [`${issuer}/{tenantid}/v2.0`],
    requireEmail: false,
  });

beforeAll(async () => {
  const providers = [
    corp(idp.issuer(), { acceptedIssuers: [idp.issuer(), 'accounts.example.com'] }),
    corp(idp.issuer(), { thirdPartyId: 'other', name: 'Other' }),
    entra(idp.issuer()),
  ];
  await configure(stepgate, 'public', { mfaPolicy: { rules: [] }, providers });
  await configure(stepgate, 'second', { mfaPolicy: { rules: [] }, providers });
  await configure(stepgate, 'asking', { mfaPolicy: { rules: [{ id: 'all', require: ['otp-email'] }] }, providers });
});
beforeEach(() => {
  idp.quiet();
  idp.on('/common/v2.0/.well-known/openid-configuration', () => ({
    body: {
      issuer: `${idp.issuer()}/{tenantid}/v2.0`,
      authorization_endpoint: `${idp.issuer()}/authorize`,
      token_endpoint: `${idp.issuer()}/token`,
      jwks_uri: `${idp.issuer()}/jwks`,
    },
  }));
});

async function signIn(claims: object, flow: Flow = {}) {
  const page = stepgate.browser('header', flow.tenantId);
  const started = await begin(page, flow);
  idp.says(await idp.token(goodClaims(started, idp.issuer(), { email_verified: true, ...claims })));
  return { page, ...(await finish(page, started, { code: 'c' })) };
}

describe('SEC-67: the identity', () => {
  it('stays the same person when the address changes, and takes the new address over', async () => {
    const first = await signIn({ sub: 'moves', email: 'x1@example.com' });
    const second = await signIn({ sub: 'moves', email: 'y1@example.com' });
    expect(second.body).toMatchObject({
      createdNewRecipeUser: false,
      user: { id: first.body.user.id, emails: ['y1@example.com'] },
    });
  });

  it('is another person with another subject, whatever the address', async () => {
    const first = await signIn({ sub: 'old', email: 'x2@example.com' });
    const second = await signIn({ sub: 'new', email: 'x2@example.com' });
    expect(second.body).toMatchObject({ status: 'OK', createdNewRecipeUser: true });
    expect(second.body.user.id).not.toBe(first.body.user.id);
  });

  it('is another person at another provider and at another tenant', async () => {
    const claims = { sub: 'same', email: 'x3@example.com' };
    const ids = [
      await signIn(claims),
      await signIn(claims, { thirdPartyId: 'other' }),
      await signIn(claims, { tenantId: 'second' }),
    ].map(({ body }) => [body.status, body.user.id]);
    expect(new Set(ids.map(([, id]) => id)).size).toBe(3);
    expect(ids.map(([status]) => status)).toEqual(['OK', 'OK', 'OK']);
  });

  it('is the same person under each accepted name of the issuer, and nobody under any other', async () => {
    const claims = { sub: 'renamed', email: 'x4@example.com' };
    const first = await signIn(claims);
    const other = await signIn({ ...claims, iss: 'accounts.example.com' });
    expect(other.body).toMatchObject({ status: 'OK', createdNewRecipeUser: false, user: { id: first.body.user.id } });
    for (const iss of ['accounts.example.org', 'https://accounts.example.com', 'ACCOUNTS.example.com']) {
      expect((await signIn({ ...claims, iss })).body.status).toBe('GENERAL_ERROR');
    }
  });

  it('is the same under another name where the redirect names the issuer, too, and nobody where it names another', async () => {
    const [issuer, page] = [idp.issuer(), stepgate.browser('header')];
    for (const [iss, status] of [
      ['https://evil.example', 'GENERAL_ERROR'],
      ['accounts.example.com', 'GENERAL_ERROR'],
      [issuer, 'OK'],
    ] as const) {
      const started = await begin(page);
      const claims = { sub: 'redirected', email: 'x6@example.com' };
      idp.says(await idp.token(goodClaims(started, 'accounts.example.com', claims)));
      expect((await finish(page, started, { code: 'c', iss })).body.status).toBe(status);
    }
  });

  it('does not let a forged token in under another accepted name', async () => {
    const page = stepgate.browser('header');
    const started = await begin(page);
    const good = await idp.token(goodClaims(started, 'accounts.example.com', { email: 'x5@example.com' }));
    idp.says(`${good.slice(0, -8)}AAAAAAAA`);
    expect((await finish(page, started, { code: 'c' })).body.status).toBe('GENERAL_ERROR');
  });

  it('holds characters that separate elsewhere', async () => {
    const ids = new Set<string>();
    for (const sub of ['a|b', 'a', 'a#b', 'USER#a', 'corp|a', 'ő\u0000'].map((name) => `odd-${name}`)) {
      ids.add((await signIn({ sub, email: 'odd@example.com' })).body.user.id);
    }
    expect(ids.size).toBe(6);
  });
});

describe('SEC-67: Entra', () => {
  const claims = { tid: ENTRA_DIRECTORY, oid: 'object-1', sub: 'pairwise', email: 'e@example.com' };
  const asEntra = { thirdPartyId: 'active-directory' };
  const ofDirectory = (tid: string) => ({ tid, iss: `${idp.issuer()}/${tid}/v2.0` });

  it('tells people apart by directory and object, and trusts no address that Microsoft does not vouch for', async () => {
    const first = await signIn({ ...claims, ...ofDirectory(ENTRA_DIRECTORY) }, asEntra);
    expect(first.body).toMatchObject({
      status: 'OK',
      user: {
        thirdParty: [{ id: 'active-directory', userId: `${ENTRA_DIRECTORY}:object-1` }],
        loginMethods: [{ verified: false }],
      },
    });
    const other = await signIn(
      { ...claims, ...ofDirectory('99999999-2222-3333-4444-555555555555'), xms_edov: true },
      asEntra,
    );
    expect(other.body).toMatchObject({ createdNewRecipeUser: true, user: { loginMethods: [{ verified: true }] } });
  });

  it.each([
    ['whose issuer is of another directory', { iss: 'other-directory' }],
    ['without a directory', { tid: undefined }],
    ['without an object', { oid: undefined }],
    ['whose directory would escape', { tid: 'a/../b' }],
  ])('refuses a token %s', async (_, change) => {
    const iss = 'iss' in change ? `${idp.issuer()}/${change.iss}/v2.0` : ofDirectory(ENTRA_DIRECTORY).iss;
    const answer = await signIn({ ...claims, tid: ENTRA_DIRECTORY, ...change, iss }, asEntra);
    expect(answer.body.status).toBe('GENERAL_ERROR');
  });
});

describe('a new address from the provider, for an account with a second factor', () => {
  const enrol = async (sub: string, email: string) => {
    const { page, body } = await signIn({ sub, email }, { tenantId: 'asking' });
    expect((await passCode(stepgate, page, { email })).body.status).toBe('OK');
    return body.user.id as string;
  };

  it('is refused where another account with a second factor has it', async () => {
    await enrol('holder', 'held@example.com');
    await enrol('mover', 'mover@example.com');
    const answer = await signIn({ sub: 'mover', email: 'held@example.com' }, { tenantId: 'asking' });
    expect(answer.body).toEqual({
      status: 'SIGN_IN_UP_NOT_ALLOWED',
      reason: expect.stringMatching(/new email cannot be applied.*\(ERR_CODE_005\)$/),
    });
  });

  it('moves the claim with it where nobody has it', async () => {
    const id = await enrol('freed', 'freed@example.com');
    const moved = await signIn({ sub: 'freed', email: 'fresh@example.com' }, { tenantId: 'asking' });
    expect(moved.body).toMatchObject({ status: 'OK', user: { id } });
    expect(moved.body.user.emails).toContain('fresh@example.com');
    // The address of the code method is still the old one, and nobody else can claim it.
    const other = await signIn({ sub: 'comes-later', email: 'freed@example.com' }, { tenantId: 'asking' });
    expect((await passCode(stepgate, other.page, { email: 'freed@example.com' })).body.status).toBe(
      'SIGN_IN_UP_NOT_ALLOWED',
    );
  });
});
