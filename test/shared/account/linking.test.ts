import { describe, expect, it } from 'vitest';
import { type LinkDecision, linkDecision } from '../../../shared/account/linking.ts';
import type { LoginMethod, User } from '../../../shared/account/user.ts';
import { aMethod, aUser, NOW } from '../../support/stores.ts';

const email = 'person@example.com';
const social = (about: Partial<LoginMethod> = {}) =>
  aMethod({ recipeId: 'thirdparty', thirdParty: { id: 'corp', userId: 'p' }, email, verified: true, ...about });
const password = (about: Partial<LoginMethod> = {}) => aMethod({ email, ...about });
const tenant = {
  tenantId: 'public',
  accountLinking: { automatic: true },
  secondFactors: ['otp-email', 'totp'],
  distinctChannels: true,
};
const APP = { name: 'app', sealedSeed: 's', kid: 'r1', period: 30, verified: true, lastStep: 0, createdAt: NOW };

const decide = (of: Partial<Parameters<typeof linkDecision>[0]>): LinkDecision =>
  linkDecision({ tenant, method: social(), satisfied: true, ...of });

/** An account with the address proven. */
const proven = (about: Partial<User> = {}) => aUser(password({ verified: true }), about);
const unproven = (about: Partial<User> = {}) => aUser(password(), about);

describe('linkDecision', () => {
  it.each<[string, LinkDecision, Partial<Parameters<typeof linkDecision>[0]>]>([
    ['a new method and a proven account: attached', 'attach', { holder: proven() }],
    ['a new method and an account that never proved anything: adopted', 'adopt', { holder: unproven() }],
    ['nobody with the address: a new method goes alone', 'stay', {}],
    [
      'the tenant has not asked for it',
      'stay',
      {
        tenant: { ...tenant, accountLinking: { automatic: false } },
        holder: proven(),
      },
    ],
    ['the new method has not proven it', 'stay', { method: social({ verified: false }), holder: proven() }],
    ['a disabled holder', 'stay', { holder: proven({ status: 'disabled' }) }],
    ['a holder that is not of the tenant', 'stay', { holder: proven({ tenantIds: ['other'] }) }],
    ['an unproven holder with an app', 'stay', { holder: unproven({ totpDevices: [APP] }) }],
    [
      'an unproven holder with an app that was only begun',
      'stay',
      {
        holder: unproven({ totpDevices: [{ ...APP, verified: false }] }),
      },
    ],
    [
      'an unproven holder with backup codes',
      'stay',
      {
        holder: unproven({ backupCodes: { macs: ['m'], kid: 'r1', createdAt: NOW } }),
      },
    ],
    ['an unproven holder that owes a factor', 'stay', { holder: unproven({ owedFactors: ['totp'] }) }],
    [
      'an unproven holder with a phone of its own',
      'stay',
      {
        holder: unproven({
          loginMethods: [
            password(),
            aMethod({ recipeId: 'passwordless', phoneNumber: '+36301234567', verified: true }),
          ],
        }),
      },
    ],
  ])('%s', (_, expected, of) => {
    expect(decide(of)).toBe(expected);
  });

  it.each<[string, LinkDecision, Partial<User>, Partial<Parameters<typeof linkDecision>[0]>]>([
    ['moves to a proven holder', 'move', {}, { holder: proven() }],
    ['holds its address where nobody does', 'promote', {}, {}],
    ['stays when it is primary', 'stay', { isPrimary: true }, { holder: proven() }],
    ['stays beside a holder that has not proven it', 'stay', {}, { holder: unproven() }],
    ['stays when the policy asks more of it', 'stay', {}, { holder: proven(), satisfied: false }],
    ['stays with an app, which cannot come along', 'stay', { totpDevices: [APP] }, { holder: proven() }],
    ['stays when it owes a factor', 'stay', { owedFactors: ['totp'] }, { holder: proven() }],
    ['stays with a tenant the other is not in', 'stay', { tenantIds: ['public', 'two'] }, { holder: proven() }],
    [
      'stays with another address',
      'stay',
      {
        loginMethods: [social(), aMethod({ email: 'elsewhere@example.com', verified: true })],
      },
      { holder: proven() },
    ],
  ])('an account of its own %s', (_, expected, about, of) => {
    expect(decide({ account: aUser(social(), about), ...of })).toBe(expected);
  });
});
