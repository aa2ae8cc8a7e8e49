/**
 * An address is what a provider told us, not who somebody is. Whoever signs in with the owner's address gets an account
 * of their own, whatever the provider says of it, and only a real `true` counts as proof.
 *
 * Why: nOAuth (Descope 2023), CVE-2026-53516.
 */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useHostileIdp } from '../support/hostile-idp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { begin, configure, corp, finish, goodClaims } from '../support/third-party.ts';

const stepgate = useStepgate();
const idp = useHostileIdp();

beforeAll(() =>
  configure(stepgate, 'public', {
    mfaPolicy: { rules: [] },
    providers: [corp(idp.issuer()), corp(idp.issuer(), { thirdPartyId: 'apple-like', preset: 'oidc' })],
  }),
);
beforeEach(() => idp.quiet());

async function signIn(claims: object) {
  const page = stepgate.browser('header');
  const started = await begin(page);
  idp.says(await idp.token(goodClaims(started, idp.issuer(), claims)));
  return finish(page, started, { code: 'c' });
}

let people = 0;

describe('SEC-65: a provider that names the address of a local account', () => {
  it.each<[string, unknown, boolean]>([
    ['unverified', false, false],
    ['without a word', undefined, false],
    ['with the text "false"', 'false', false],
    ['with the text "true"', 'true', false],
    ['with 1', 1, false],
    ['with an object', {}, false],
    ['verified', true, true],
  ])('%s gets an account of its own', async (_, email_verified, verified) => {
    const email = `owner-${(people += 1)}@example.com`;
    const owner = await stepgate.browser().signUp(email, PASSWORD);
    const answer = await signIn({ sub: `social-${people}`, email, email_verified });
    expect(answer.body).toMatchObject({
      status: 'OK',
      createdNewRecipeUser: true,
      user: { isPrimaryUser: false, loginMethods: [{ recipeId: 'thirdparty', email, verified }] },
    });
    expect(answer.body.user.id).not.toBe(owner.body.user.id);
    const still = await stepgate.browser().signIn(email, PASSWORD);
    expect(still.body).toMatchObject({ status: 'OK', user: { id: owner.body.user.id } });
    expect(still.body.user.loginMethods).toHaveLength(1);
  });

  it.each(['"a b"@example.com', 'a@b@example.com', 'x@stfakeemail.supertokens.com', 'nobody', 7, { $ne: 1 }])(
    'takes %j for no address at all',
    async (email) => {
      const answer = await signIn({ sub: `odd-${(people += 1)}`, email, email_verified: true });
      expect(answer.body).toEqual({ status: 'NO_EMAIL_GIVEN_BY_PROVIDER' });
    },
  );

  it('keeps what was proved once, and takes over a new proof', async () => {
    const sub = `grows-${(people += 1)}`;
    const email = `${sub}@example.com`;
    const verifiedNow = async (email_verified: boolean) =>
      (await signIn({ sub, email, email_verified })).body.user.loginMethods[0].verified;
    expect(await verifiedNow(false)).toBe(false);
    expect(await verifiedNow(true)).toBe(true);
    expect(await verifiedNow(false)).toBe(true);
  });
});
