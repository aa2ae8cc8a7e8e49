// Somebody makes an account with another person's address before that person does, and waits. When the owner comes, the
// stranger must have no way into what becomes the owner's. @see Sudhodanan & Paverd, Pre-hijacking (2022); GHSA-qq9h
import { beforeEach, describe, expect, it } from 'vitest';
import type { Browser } from '../support/browser.ts';
import { askReset, lastLink, redeemReset } from '../support/links.ts';
import { codeSignIn, EVERY_WAY, LINKED, useSocial } from '../support/linking.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const social = useSocial(stepgate);
const STRANGERS = 'a password only the stranger knows';
const OWNERS = 'the words the owner chose herself';

let people = 0;
let email = '';
let stranger: Browser;
let strangersId = '';
beforeEach(async () => {
  email = `owner-${(people += 1)}@example.com`;
  stranger = stepgate.browser('header');
});

const strangerComesFirst = async (document: object) => {
  const tenant = { ...document, providers: [social.provider()] };
  expect((await stepgate.browser().put('/admin/tenants/public', tenant)).status).toBe(200);
  const { body } = await stranger.signUp(email, STRANGERS);
  expect(body.status).toBe('OK');
  strangersId = body.user.id;
};

/** Neither the password, nor the session, nor its refresh token opens the owner's account. */
async function strangerIsOut(owner: Browser): Promise<void> {
  const ownersId = owner.claims().sub;
  const again = stepgate.browser('header');
  const answer = await again.signIn(email, STRANGERS);
  if (answer.body.status === 'OK') expect(answer.body.user.id).not.toBe(ownersId);
  const refreshed = await stranger.refresh();
  if (refreshed.status === 200) expect(stranger.claims().sub).not.toBe(ownersId);
  expect((await owner.me()).body.userId).toBe(ownersId);
}

describe.each([
  ['linking automatically', LINKED],
  ['not linking', EVERY_WAY],
])('SEC-66: an account made beforehand, in a tenant %s', (_, document) => {
  it('the owner comes by a code to the mailbox', async () => {
    await strangerComesFirst(document);
    const owner = stepgate.browser('header');
    expect((await codeSignIn(stepgate, owner, { email })).body.status).toBe('OK');
    await strangerIsOut(owner);
  });

  it('the owner comes by a provider that has proven the address', async () => {
    await strangerComesFirst(document);
    const owner = stepgate.browser('header');
    const claims = { sub: email, email, email_verified: true };
    expect((await social.signIn(owner, claims)).body.status).toBe('OK');
    await strangerIsOut(owner);
  });

  it('the owner asks for a new password: the account is hers, and the stranger’s password and session are gone', async () => {
    await strangerComesFirst(document);
    await askReset(stepgate.browser('header'), email);
    const reset = await redeemReset(stepgate.browser('header'), lastLink(stepgate, email).token, OWNERS);
    expect(reset.body.status).toBe('OK');
    expect((await stranger.refresh()).status).toBe(401);
    expect((await stepgate.browser('header').signIn(email, STRANGERS)).body.status).toBe('WRONG_CREDENTIALS_ERROR');
    const owner = stepgate.browser('header');
    expect((await owner.signIn(email, OWNERS)).body).toMatchObject({ status: 'OK', user: { id: strangersId } });
  });
});

it('SEC-66: where the stranger has hung a phone of his own on it, a reset by the owner takes it off again', async () => {
  await strangerComesFirst({ ...EVERY_WAY, firstEnrolment: 'open' });
  const phoneNumber = `+3630555${String(1000 + people)}`;
  const sent = await stranger.post('/auth/signinup/code', { phoneNumber, shouldTryLinkingWithSessionUser: true });
  const code = { ...sent.body, userInputCode: stepgate.lastCode(phoneNumber), shouldTryLinkingWithSessionUser: true };
  expect((await stranger.post('/auth/signinup/code/consume', code)).body.status).toBe('OK');

  await askReset(stepgate.browser('header'), email);
  expect((await redeemReset(stepgate.browser('header'), lastLink(stepgate, email).token, OWNERS)).body.status).toBe(
    'OK',
  );
  const owner = stepgate.browser('header');
  await owner.signIn(email, OWNERS);
  // A proven phone may be the real owner's, whose mailbox somebody else reads: a session by the new password owes it.
  const user = await stepgate.app().users.load(strangersId);
  const owed = user?.owedFactors ?? [];
  const phones = (user?.loginMethods ?? []).flatMap(({ phoneNumber: phone }) => phone ?? []);
  expect(phones.length === 0 || owed.includes('otp-phone')).toBe(true);
  expect((await stranger.refresh()).status).toBe(401);
});
