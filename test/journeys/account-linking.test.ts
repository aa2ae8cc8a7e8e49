/** One person, several ways in: joined by a proven address, or by hand; taken off again; and asked by the policy each time. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import {
  codeSignIn,
  danglingIn,
  LINKED,
  loginMethodsOf,
  passwordFor,
  provenSignUp,
  useSocial,
} from '../support/linking.ts';
import { auditOf } from '../support/links.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { passCode } from './steps.ts';

const stepgate = useStepgate();
const social = useSocial(stepgate);
const tenant = (document: object) =>
  stepgate.browser().put('/admin/tenants/public', { ...LINKED, providers: [social.provider()], ...document });

beforeAll(() => tenant({}));
let people = 0;

describe.each<Mode>(['cookie', 'header'])('linking (%s mode)', (mode) => {
  let email = '';
  beforeEach(() => {
    email = `person-${(people += 1)}-${mode}@example.com`;
  });
  const page = () => stepgate.browser(mode);
  const provider = (more: object = {}) => ({ sub: email, email, email_verified: true, ...more });

  it('password, provider and code of one proven address are one account, and its owner is told', async () => {
    const owner = await provenSignUp(stepgate, page(), email);
    const second = await social.signIn(page(), provider());
    expect(second.body).toMatchObject({ createdNewRecipeUser: true, user: { id: owner } });
    expect(stepgate.lastMessage(email)?.purpose).toBe('notice');
    const third = await codeSignIn(stepgate, page(), { email });
    expect(third.body).toMatchObject({ createdNewRecipeUser: true, user: { id: owner } });
    expect(loginMethodsOf(third)).toEqual(['emailpassword', 'thirdparty', 'passwordless']);
    expect((await social.signIn(page(), provider())).body.createdNewRecipeUser).toBe(false);
    expect(await auditOf(stepgate, owner)).toEqual(expect.arrayContaining(['account.primary', 'login-method.linked']));
    expect(await danglingIn(stepgate)).toEqual([]);
  });

  it('two accounts from before the switch become one, with the requirements of both', async () => {
    await tenant({ accountLinking: { automatic: false } });
    const social1 = (await social.signIn(page(), provider())).body.user.id;
    const owner = await provenSignUp(stepgate, page(), email);
    expect(owner).not.toBe(social1);
    await stepgate.browser().put(`/admin/users/${social1}/factors/otp-phone`);
    const old = page();
    await social.signIn(old, provider());
    await tenant({});
    expect((await page().signIn(email, PASSWORD)).body.user.id).toBe(owner);
    const joined = await social.signIn(page(), provider());
    expect(joined.body.user.id).toBe(owner);
    expect((await stepgate.app().users.load(owner))?.requiredFactors).toEqual(['otp-phone']);
    expect((await old.refresh()).status).toBe(401);
    expect(await stepgate.app().users.load(social1)).toBeUndefined();
    expect(await danglingIn(stepgate)).toEqual([]);
  });

  it('SEC-21: whoever must show a second factor is asked at every new way in', async () => {
    const owner = await provenSignUp(stepgate, page(), email);
    await stepgate.browser().put(`/admin/users/${owner}/roles/public/admin`);
    await tenant({ mfaPolicy: { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-phone'] }] } });
    try {
      const ways = [page(), page(), page()] as const;
      expect((await ways[0].signIn(email, PASSWORD)).body.user.id).toBe(owner);
      expect((await social.signIn(ways[1], provider())).body.user.id).toBe(owner);
      expect((await codeSignIn(stepgate, ways[2], { email })).body.user.id).toBe(owner);
      for (const way of ways) {
        expect(way.claims()['st-mfa'].v).toBe(false);
        expect((await way.me()).status).toBe(403);
      }
    } finally {
      await tenant({});
    }
  });

  it('an account that owes a factor is not emptied by its first one alone', async () => {
    await tenant({ accountLinking: { automatic: false } });
    const admin = await provenSignUp(stepgate, page(), email);
    await stepgate.browser().put(`/admin/users/${admin}/roles/public/admin`);
    const other = (await social.signIn(page(), provider())).body.user.id;
    await tenant({});
    expect((await social.signIn(page(), provider())).body.user).toMatchObject({ id: other, isPrimaryUser: true });
    await tenant({ mfaPolicy: { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-phone'] }] } });
    try {
      const way = page();
      const answer = await way.signIn(email, PASSWORD);
      expect(other).not.toBe(admin);
      expect(answer.body.user.id).toBe(admin);
      expect(way.claims()['st-mfa'].v).toBe(false);
      expect((await stepgate.app().users.load(admin))?.roles['public']).toEqual(['admin']);
    } finally {
      await tenant({});
    }
  });

  it('by hand: a provider and a password join the session’s account, and the session goes on', async () => {
    const own = page();
    const owner = await provenSignUp(stepgate, own, email);
    const elsewhere = page();
    await elsewhere.signIn(email, PASSWORD);
    const { sessionHandle } = own.claims();
    const linked = await social.signIn(own, provider({ sub: `${email} work`, email: `work-${email}` }), true);
    expect(linked.body).toMatchObject({ status: 'OK', createdNewRecipeUser: true, user: { id: owner } });
    expect(own.claims()).toMatchObject({ sub: owner, sessionHandle });
    expect((await own.me()).status).toBe(200);
    expect((await elsewhere.refresh()).status).toBe(401);
    const added = await passwordFor(own, 'signup', `work-${email}`, 'a lantern beside the quiet harbour');
    expect(added.body).toMatchObject({ status: 'OK', user: { id: owner } });
    expect(added.body.user.loginMethods).toHaveLength(3);
    const again = page();
    const signed = await again.signIn(`work-${email}`, 'a lantern beside the quiet harbour');
    expect(signed.body.user.id).toBe(owner);
    expect(await danglingIn(stepgate)).toEqual([]);
  });

  it('lists what signs in, masked, and takes one off: its contact is free, every other session ends', async () => {
    const own = page();
    const owner = await provenSignUp(stepgate, own, email);
    const provided = page();
    await social.signIn(provided, provider());
    const list = (await own.get('/auth/account/login-methods')).body.loginMethods;
    expect(list).toEqual([
      expect.objectContaining({
        recipeId: 'emailpassword',
        contact: 'p•••@example.com',
        verified: true,
        current: true,
      }),
      expect.objectContaining({ recipeId: 'thirdparty', thirdPartyId: 'corp', current: false }),
    ]);
    expect(JSON.stringify(list)).not.toMatch(/passwordHash|"email"/);
    const [mine, theirs] = list;
    const remove = (id: string) => own.delete(`/auth/account/login-methods/${id}`);
    expect((await remove(mine.recipeUserId)).body.status).toBe('LOGIN_METHOD_REQUIRED_ERROR');
    expect((await remove('nobody')).status).toBe(404);
    expect((await remove(theirs.recipeUserId)).body).toEqual({ status: 'OK' });
    expect((await own.me()).status).toBe(200);
    expect((await provided.refresh()).status).toBe(401);
    expect(await auditOf(stepgate, owner)).toContain('login-method.unlinked');
    expect((await own.get('/auth/account/login-methods')).body.loginMethods).toHaveLength(1);
    expect(await danglingIn(stepgate)).toEqual([]);
  });

  it('keeps what a requirement depends on, and tells who requires it', async () => {
    await tenant({ mfaPolicy: { rules: [{ id: 'own', requireFrom: 'user' }] } });
    const own = page();
    await provenSignUp(stepgate, own, email);
    const phoneNumber = `+3630777${1000 + people}`;
    await passCode(stepgate, own, { phoneNumber });
    expect((await own.put('/auth/mfa/factors/otp-phone')).body.status).toBe('OK');
    const list = (await own.get('/auth/account/login-methods')).body.loginMethods;
    const phone = list.find(({ contact }: { contact: string }) => contact.startsWith('+36'));
    const refused = await own.delete(`/auth/account/login-methods/${phone.recipeUserId}`);
    expect(refused.body).toMatchObject({ status: 'FACTOR_REQUIRED_ERROR', requiredBy: ['user'] });
    expect((await own.delete('/auth/mfa/factors/otp-phone')).body.status).toBe('OK');
    await tenant({});
    expect((await own.delete(`/auth/account/login-methods/${phone.recipeUserId}`)).body).toEqual({ status: 'OK' });
  });

  it('asks for a fresh second factor before anything is linked or unlinked', async () => {
    const own = page();
    await provenSignUp(stepgate, own, email);
    await passCode(stepgate, own, { phoneNumber: `+3630888${1000 + people}` });
    const list = (await own.get('/auth/account/login-methods')).body.loginMethods;
    stepgate.clock.advance(301_000);
    const id = list.find(({ current }: { current: boolean }) => !current).recipeUserId;
    expect((await own.delete(`/auth/account/login-methods/${id}`)).status).toBe(403);
    expect((await social.signIn(own, provider({ sub: 'x' }), true)).status).toBe(403);
    expect((await passwordFor(own, 'signup', `second-${email}`)).status).toBe(403);
  });
});
