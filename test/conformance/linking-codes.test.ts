/** wire.md §6.7: how a link to the session's user is refused, by password (009–016) and by provider (020–023). */
import { beforeAll, describe, expect, it } from 'vitest';
import { danglingIn, EVERY_WAY, passwordFor, provenSignUp, useSocial } from '../support/linking.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { passCode } from '../journeys/steps.ts';

const stepgate = useStepgate();
const social = useSocial(stepgate);
const OTHER = 'a lantern beside the quiet harbour';

beforeAll(() => stepgate.browser().put('/admin/tenants/public', { ...EVERY_WAY, providers: [social.provider()] }));

let people = 0;
const refused = (code: string) =>
  expect.objectContaining({ reason: `Cannot sign in / up due to security reasons. Please contact support. (${code})` });

async function member() {
  const email = `member-${(people += 1)}@example.com`;
  const page = stepgate.browser();
  return { email, page, userId: await provenSignUp(stepgate, page, email) };
}
/** An account that holds its addresses among primary users. */
async function primary() {
  const who = await member();
  await passCode(stepgate, who.page, { phoneNumber: `+3630555${1000 + people}` });
  return who;
}
const proven = (email: string, sub = email) => ({ sub, email, email_verified: true });

describe('a password', () => {
  it('013: for an address that the session has not proven', async () => {
    const { page } = await member();
    const answer = await passwordFor(page, 'signup', 'not-proven@example.com');
    expect(answer.body).toEqual(refused('ERR_CODE_013'));
    expect(answer.body.status).toBe('SIGN_UP_NOT_ALLOWED');
  });

  it('that somebody has already is told as at any sign-up', async () => {
    const [own, other] = [await member(), await member()];
    await social.signIn(own.page, proven(other.email), true);
    const answer = await passwordFor(own.page, 'signup', other.email);
    expect(answer.body).toMatchObject({ status: 'FIELD_ERROR', formFields: [{ id: 'email' }] });
  });

  it('016: when the session’s own address is another primary user’s', async () => {
    const email = `own-${(people += 1)}@example.com`;
    const page = stepgate.browser();
    await social.signIn(page, proven(email));
    const taker = await member();
    await social.signIn(taker.page, proven(email, `${email} again`), true);
    expect((await passwordFor(page, 'signup', email)).body).toEqual(refused('ERR_CODE_016'));
  });

  it('009: of an account whose address is not proven; 010: of a primary user', async () => {
    const { page } = await member();
    const email = `unproven-${(people += 1)}@example.com`;
    await stepgate.browser().signUp(email, PASSWORD);
    const answer = await passwordFor(page, 'signin', email);
    expect(answer.body).toEqual(refused('ERR_CODE_009'));
    expect(answer.body.status).toBe('SIGN_IN_NOT_ALLOWED');
    const other = await primary();
    expect((await passwordFor(page, 'signin', other.email)).body).toEqual(refused('ERR_CODE_010'));
    expect((await passwordFor(page, 'signin', other.email, OTHER)).body.status).toBe('WRONG_CREDENTIALS_ERROR');
  });

  it('011 and 012: when an address of either is a third one’s', async () => {
    const [own, other] = [await member(), await member()];
    const third = await member();
    await social.signIn(third.page, proven(other.email, 'third'), true);
    expect((await passwordFor(own.page, 'signin', other.email)).body).toEqual(refused('ERR_CODE_011'));
    const fourth = await member();
    await social.signIn(third.page, proven(own.email, 'fourth'), true);
    expect((await passwordFor(own.page, 'signin', fourth.email)).body).toEqual(refused('ERR_CODE_012'));
  });

  it('of a free account joins, and that account ends', async () => {
    const [own, other] = [await member(), await member()];
    const answer = await passwordFor(own.page, 'signin', other.email);
    expect(answer.body).toMatchObject({ status: 'OK', user: { id: own.userId } });
    expect((await own.page.me()).status).toBe(200);
    expect((await other.page.refresh()).status).toBe(401);
    expect((await stepgate.browser().signIn(other.email, PASSWORD)).body.user.id).toBe(own.userId);
    expect((await passwordFor(own.page, 'signin', other.email)).body.status).toBe('OK');
    expect(await danglingIn(stepgate)).toEqual([]);
  });
});

describe('a provider', () => {
  it('020: that does not vouch for the address', async () => {
    const { page, email } = await member();
    const claims = { sub: 'unproven', email: `other-${email}`, email_verified: false };
    expect((await social.signIn(page, claims, true)).body).toEqual(refused('ERR_CODE_020'));
    const own = await social.signIn(page, { sub: 'own', email, email_verified: false }, true);
    expect(own.body).toMatchObject({ status: 'OK', createdNewRecipeUser: true });
  });

  it('021: whose identity is a primary user’s; 022: whose address is', async () => {
    const [own, other] = [await member(), await primary()];
    await social.signIn(other.page, proven(`work-${other.email}`, 'taken'), true);
    const before = await stepgate.app().users.load(other.userId);
    expect((await social.signIn(own.page, proven('x@example.com', 'taken'), true)).body).toEqual(
      refused('ERR_CODE_021'),
    );
    expect((await social.signIn(own.page, proven(other.email, 'free'), true)).body).toEqual(refused('ERR_CODE_022'));
    expect(await stepgate.app().users.load(other.userId)).toEqual(before);
    expect((await stepgate.app().users.load(own.userId))?.loginMethods).toHaveLength(1);
    expect(await danglingIn(stepgate)).toEqual([]);
  });

  it('023: when the session’s own address is another primary user’s', async () => {
    const [own, other] = [await member(), await member()];
    await social.signIn(other.page, proven(own.email, 'taker'), true);
    const answer = await social.signIn(own.page, proven('elsewhere@example.com', 'mine'), true);
    expect(answer.body).toEqual(refused('ERR_CODE_023'));
  });
});
