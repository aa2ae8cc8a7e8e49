/**
 * Accounts are joined when both sides have proven the address and the tenant wants it: by nothing else. What an account
 * never proved is gone before the owner of the address is let in.
 *
 * Why: CVE-2026-53516, nOAuth, "classic-federated merge" (Sudhodanan & Paverd 2022), GHSA-qq9h-g4jm-xgf3.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { codeSignIn, danglingIn, EVERY_WAY, LINKED, provenSignUp, useSocial } from '../support/linking.ts';
import { askReset, askVerification, auditOf, lastLink, redeemReset, redeemVerification } from '../support/links.ts';
import { itemsUnder } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const social = useSocial(stepgate);

beforeAll(async () => {
  const admin = (tenantId: string, document: object) =>
    stepgate.browser().put(`/admin/tenants/${tenantId}`, { ...document, providers: [social.provider()] });
  await admin('public', LINKED);
});

let people = 0;
const somebody = () => `person-${(people += 1)}@example.com`;
const WORDS: readonly (readonly [string, unknown])[] = [
  ['false', false],
  ['missing', undefined],
  ['the text "false"', 'false'],
  ['the text "true"', 'true'],
];

describe('SEC-65: a password account whose address is proven', () => {
  it.each(WORDS)('is not joined by a provider that says email_verified %s', async (_, email_verified) => {
    const email = somebody();
    const owner = await provenSignUp(stepgate, stepgate.browser(), email);
    const { body } = await social.signIn(stepgate.browser(), { sub: email, email, email_verified });
    expect(body).toMatchObject({ status: 'OK', createdNewRecipeUser: true });
    expect(body.user.id).not.toBe(owner);
  });

  it('is joined by one that says true', async () => {
    const email = somebody();
    const owner = await provenSignUp(stepgate, stepgate.browser(), email);
    const { body } = await social.signIn(stepgate.browser(), { sub: email, email, email_verified: true });
    expect(body).toMatchObject({ status: 'OK', createdNewRecipeUser: true, user: { id: owner, isPrimaryUser: true } });
    expect(body.user.loginMethods).toHaveLength(2);
    expect((await stepgate.browser().signIn(email, PASSWORD)).body.user.id).toBe(owner);
  });
});

describe('SEC-65: a password account whose address was never proven', () => {
  it.each(WORDS)('is not joined, and stays, by a provider that says email_verified %s', async (_, email_verified) => {
    const email = somebody();
    const made = (await stepgate.browser().signUp(email, PASSWORD)).body.user.id;
    const { body } = await social.signIn(stepgate.browser(), { sub: email, email, email_verified });
    expect(body.user.id).not.toBe(made);
    expect((await stepgate.browser().signIn(email, PASSWORD)).body.user.id).toBe(made);
  });

  it.each(['a provider', 'a code by mail'])('loses everything when its owner comes by %s', async (way) => {
    const email = somebody();
    const thief = stepgate.browser();
    const made = (await thief.signUp(email, PASSWORD)).body.user.id;
    await askVerification(thief);
    const verification = lastLink(stepgate, email).token;
    await askReset(stepgate.browser(), email);
    const reset = lastLink(stepgate, email).token;

    const owner = stepgate.browser();
    const { body } =
      way === 'a provider'
        ? await social.signIn(owner, { sub: email, email, email_verified: true })
        : await codeSignIn(stepgate, owner, { email });
    expect(body).toMatchObject({ status: 'OK', user: { id: made } });
    expect(body.user.loginMethods).toHaveLength(1);
    expect(await auditOf(stepgate, made)).toContain('account.adopted');

    expect((await thief.mfaInfo()).status).toBe(401);
    expect((await thief.refresh()).status).toBe(401);
    expect((await stepgate.browser().signIn(email, PASSWORD)).body.status).toBe('WRONG_CREDENTIALS_ERROR');
    expect((await redeemVerification(stepgate.browser(), verification)).body.status).not.toBe('OK');
    expect((await redeemReset(stepgate.browser(), reset, 'a lantern beside the quiet harbour')).body.status).not.toBe(
      'OK',
    );
    expect((await owner.me()).status).toBe(200);
    expect(await danglingIn(stepgate)).toEqual([]);
  });

  it('is left alone when it has another contact: its owner may be somebody else', async () => {
    const email = somebody();
    const page = stepgate.browser();
    const made = (await page.signUp(email, PASSWORD)).body.user.id;
    const phoneNumber = `+3630123${4000 + people}`;
    const sent = await page.sendCode({ phoneNumber });
    await page.consume(sent.body, stepgate.lastCode(phoneNumber));
    const { body } = await social.signIn(stepgate.browser(), { sub: email, email, email_verified: true });
    expect(body.status).toBe('OK');
    expect(body.user.id).not.toBe(made);
    expect((await page.me()).status).toBe(200);
    expect((await stepgate.app().users.load(made))?.loginMethods).toHaveLength(2);
  });
});

describe('SEC-65: an address that is proven later', () => {
  it('joins by the link, in the browser that knows the password: with a new session of the joined account', async () => {
    const email = somebody();
    const owner = (await social.signIn(stepgate.browser(), { sub: email, email, email_verified: true })).body.user.id;
    const page = stepgate.browser();
    const second = (await page.signUp(email, PASSWORD)).body.user.id;
    expect(second).not.toBe(owner);
    await askVerification(page);
    expect((await redeemVerification(page, lastLink(stepgate, email).token)).body).toEqual({ status: 'OK' });
    expect(page.claims().sub).toBe(owner);
    expect((await page.me()).status).toBe(200);
    expect(await itemsUnder(stepgate, `USER#${second}`)).not.toContainEqual(expect.objectContaining({ sk: 'PROFILE' }));
    expect((await stepgate.browser().signIn(email, PASSWORD)).body.user.id).toBe(owner);
  });

  it('does not join when the owner merely opens the link of somebody else’s sign-up', async () => {
    const email = somebody();
    const owner = stepgate.browser();
    const { id } = (await social.signIn(owner, { sub: email, email, email_verified: true })).body.user;
    const thief = stepgate.browser();
    const made = (await thief.signUp(email, PASSWORD)).body.user.id;
    await askVerification(thief);
    const { token } = lastLink(stepgate, email);
    const INVALID = { status: 'EMAIL_VERIFICATION_INVALID_TOKEN_ERROR' };
    expect((await redeemVerification(stepgate.browser(), token)).body).toEqual(INVALID);
    expect((await redeemVerification(owner, token)).body).toEqual(INVALID);
    expect((await stepgate.browser().signIn(email, PASSWORD)).body.user.id).toBe(made);
    expect((await stepgate.app().users.load(id))?.loginMethods).toHaveLength(1);
  });

  it('joins by a new password from the mailbox, and the earlier one is good for nothing', async () => {
    const email = somebody();
    const { id } = (await social.signIn(stepgate.browser(), { sub: email, email, email_verified: true })).body.user;
    const thief = stepgate.browser();
    await thief.signUp(email, PASSWORD);
    await askReset(stepgate.browser(), email);
    const NEW = 'a lantern beside the quiet harbour';
    expect((await redeemReset(stepgate.browser(), lastLink(stepgate, email).token, NEW)).body.status).toBe('OK');
    expect((await stepgate.browser().signIn(email, PASSWORD)).body.status).toBe('WRONG_CREDENTIALS_ERROR');
    expect((await thief.refresh()).status).toBe(401);
    expect((await stepgate.browser().signIn(email, NEW)).body.user.id).toBe(id);
    expect(await danglingIn(stepgate)).toEqual([]);
  });
});

describe('SEC-65: with linking off', () => {
  beforeAll(async () => {
    await stepgate.browser().put('/admin/tenants/public', { ...EVERY_WAY, providers: [social.provider()] });
  });

  it.each([
    ['proven', true],
    ['not proven', false],
  ])('accounts stay apart, whatever is proven: %s', async (_, proven) => {
    const email = somebody();
    const page = stepgate.browser();
    const owner = proven
      ? await provenSignUp(stepgate, page, email)
      : (await page.signUp(email, PASSWORD)).body.user.id;
    const ids = [
      owner,
      (await social.signIn(stepgate.browser(), { sub: email, email, email_verified: true })).body.user.id,
      (await codeSignIn(stepgate, stepgate.browser(), { email })).body.user.id,
      (await stepgate.browser().signIn(email, PASSWORD)).body.user.id,
    ];
    expect(new Set(ids).size).toBe(3);
    expect(ids[3]).toBe(owner);
    expect((await stepgate.app().users.load(owner))?.isPrimary).toBe(false);
  });
});
