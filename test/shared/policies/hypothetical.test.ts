/** The hypothetical session is a real one: how it begins, and what the evaluator is told of it. */
import { describe, expect, it } from 'vitest';
import { parseTenant } from '../../../shared/account/parse-tenant.ts';
import { type LoginMethod, type User, userWith } from '../../../shared/account/user.ts';
import { beginnings, hypotheticalSession } from '../../../shared/policies/hypothetical.ts';

const method = (about: Partial<LoginMethod>): LoginMethod => ({
  recipeUserId: 'u',
  recipeId: 'emailpassword',
  email: 'a@example.com',
  verified: true,
  timeJoined: 1_000,
  tenantIds: ['acme'],
  ...(about.recipeId === undefined ? { passwordHash: '$argon2id$' } : {}),
  ...about,
});
const unset = (about: Partial<LoginMethod>): LoginMethod => {
  const { passwordHash: _, ...rest } = method(about);
  return rest;
};
const mail = method({ recipeUserId: 'm', recipeId: 'passwordless' });
const phone: LoginMethod = {
  recipeUserId: 'p',
  recipeId: 'passwordless',
  phoneNumber: '+36301234567',
  verified: true,
  timeJoined: 500,
  tenantIds: ['acme'],
};
const userOf = (...loginMethods: LoginMethod[]): User => ({ ...userWith(loginMethods[0]!), loginMethods });
const tenantOf = (document: object) => parseTenant('acme', document);
const roles = { permissionsOf: async (names: readonly string[]) => names.map((name) => `may-${name}`) };
const factors = async (user: User, document: object) =>
  beginnings(user, await tenantOf(document)).map(({ factor }) => factor);

const google = { thirdPartyId: 'google', clientId: 'c', sealedSecret: 'c2VhbGVk' };

describe('beginnings', () => {
  it('lists what the user has and the tenant takes, oldest method first', async () => {
    expect(await factors(userOf(method({ timeJoined: 900 }), mail, phone), {})).toEqual([
      'otp-phone',
      'emailpassword',
      'otp-email',
    ]);
    expect(await factors(userOf(mail, method({})), {})).toEqual(['emailpassword', 'otp-email']);
  });

  it('puts a password that has to be set first behind everything else', async () => {
    const all = userOf(unset({ timeJoined: 1 }), mail, phone);
    expect(await factors(all, {})).toEqual(['otp-phone', 'otp-email', 'emailpassword']);
    expect(beginnings(all, await tenantOf({})).map(({ needsReset }) => needsReset)).toEqual([
      undefined,
      undefined,
      true,
    ]);
  });

  it('leaves out what the tenant does not begin with, or does not send', async () => {
    const all = userOf(method({}), mail, phone);
    expect(await factors(all, { firstFactors: ['emailpassword'] })).toEqual(['emailpassword']);
    expect(await factors(all, { contactMethod: 'EMAIL' })).toEqual(['emailpassword', 'otp-email']);
    expect(await factors(all, { firstFactors: [] })).toEqual([]);
    expect(await factors(all, { flowType: 'MAGIC_LINK' })).toEqual(['link-phone', 'emailpassword', 'link-email']);
    expect(await factors(all, { firstFactors: ['otp-email'], secondFactors: ['totp'] })).toEqual([]);
  });

  it('leaves out a method of another tenant, and a provider the tenant does not have', async () => {
    const elsewhere = userOf(method({ tenantIds: ['other'] }));
    expect(await factors(elsewhere, {})).toEqual([]);
    const byGoogle = userOf(method({ recipeId: 'thirdparty', thirdParty: { id: 'google', userId: '1' } }));
    expect(await factors(byGoogle, {})).toEqual([]);
    expect(await factors(byGoogle, { providers: [google] })).toEqual(['thirdparty']);
    const byGitHub = userOf(method({ recipeId: 'thirdparty', thirdParty: { id: 'github', userId: '1' } }));
    expect(await factors(byGitHub, { providers: [google] })).toEqual([]);
  });
});

describe('hypotheticalSession', () => {
  const user: User = { ...userOf(method({}), mail, phone), roles: { acme: ['admin'], other: ['owner'] } };

  it('is a session with its likely first factor done, just now, on a new device', async () => {
    const facts = await hypotheticalSession(user, await tenantOf({}), { now: 5_900 }, { roles });
    expect(facts.session).toEqual({ firstFactor: 'otp-phone', completed: { 'otp-phone': 5 }, isNewDevice: true });
    expect(facts.now).toBe(5_900);
    expect(facts.request).toEqual({ ip: '', country: '', userAgent: '' });
    expect(facts.user).toMatchObject({
      roles: ['admin'],
      permissions: ['may-admin'],
      emails: ['a@example.com'],
      phones: ['+36301234567'],
      factorsSetUp: ['emailpassword', 'otp-email', 'otp-phone'],
    });
  });

  it('takes another first factor, another request, and what was completed besides', async () => {
    const about = { now: 9_000, firstFactor: 'thirdparty', request: { country: 'HU' }, completed: { totp: 3 } };
    const facts = await hypotheticalSession(user, await tenantOf({}), about, { roles });
    expect(facts.session).toMatchObject({ firstFactor: 'thirdparty', completed: { totp: 3 } });
    expect(facts.request).toEqual({ ip: '', country: 'HU', userAgent: '' });
  });

  it('has a session for a user who could not begin one', async () => {
    const facts = await hypotheticalSession(user, await tenantOf({ firstFactors: [] }), { now: 5_000 }, { roles });
    expect(facts.session).toMatchObject({ firstFactor: 'emailpassword', completed: { emailpassword: 5 } });
  });
});
