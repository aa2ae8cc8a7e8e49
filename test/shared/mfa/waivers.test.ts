import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { evaluate } from '../../../shared/mfa/evaluate.ts';
import { isStale } from '../../../shared/mfa/freshness.ts';
import { PolicySchema } from '../../../shared/mfa/policy-schema.ts';
import { requirementsFor } from '../../../shared/mfa/policy.ts';
import type { Requirement } from '../../../shared/mfa/requirements.ts';
import { compiled, done, facts, SECONDS, tenant } from './facts.ts';

/** Signed in with the password alone, on a device that showed these. */
const on = (...trusted: readonly string[]) => ({
  session: {
    firstFactor: 'emailpassword',
    completed: done('emailpassword'),
    isNewDevice: false,
    trusted: done(...trusted),
  },
});
const policyOf = (policy: unknown) => compiled(v.parse(PolicySchema, policy));

describe('a trusted device', () => {
  it.each<[string, Requirement, readonly string[], boolean]>([
    ['a factor it showed', 'otp-email', ['otp-email'], true],
    ['another factor', 'totp', ['otp-email'], false],
    ['one of several', { oneOf: ['totp', 'otp-email'] }, ['otp-email'], true],
    ['all of several', { allOfInAnyOrder: ['totp', 'otp-email'] }, ['otp-email', 'totp'], true],
    ['half of several', { allOfInAnyOrder: ['totp', 'otp-email'] }, ['otp-email'], false],
    ['anything when it showed nothing', 'otp-email', [], false],
  ])('stands for %s, or not', async (_, requirement, shown, isWaived) => {
    const decision = requirementsFor(
      await policyOf({ rules: [{ id: 'r', require: [requirement] }] }),
      facts(on(...shown)),
    );
    expect(decision.requirements).toEqual(isWaived ? [] : [requirement]);
    const waiver = { requirement, origins: ['rule:r'], by: 'trusted-device' };
    expect(decision.waivers).toEqual(isWaived ? [waiver] : []);
    expect(decision.demands).toEqual([{ requirement, origins: ['rule:r'] }]);
  });

  it('stands for nothing that a rule always asks', async () => {
    const rules = [
      { id: 'staff', require: ['otp-email'] },
      { id: 'admins', when: "'admin' in user.roles", require: ['otp-email'], rememberable: false },
    ];
    const policy = await policyOf({ rules });
    expect(requirementsFor(policy, facts(on('otp-email'))).requirements).toEqual([]);
    const admin = requirementsFor(policy, facts({ ...on('otp-email'), user: { roles: ['admin'] } }));
    expect(admin.requirements).toEqual(['otp-email']);
    expect(admin.waivers).toEqual([{ requirement: 'otp-email', origins: ['rule:staff'], by: 'trusted-device' }]);
  });

  it.each([
    ['both lists allow it', {}, {}, []],
    ['the user’s list does not', { rememberable: false }, {}, [{ oneOf: ['totp', 'otp-email'] }]],
    ['the tenant’s list does not', {}, { rememberable: false }, [{ oneOf: ['totp', 'otp-email'] }]],
  ])('stands for merged lists only where %s', async (_, user, ofTenant, expected) => {
    const policy = await policyOf({
      merge: 'any',
      rules: [
        { id: 'u', requireFrom: 'user', ...user },
        { id: 't', requireFrom: 'tenant', ...ofTenant },
      ],
    });
    const about = {
      ...on('otp-email'),
      user: { requiredFactors: ['totp'] },
      tenant: { requiredSecondaryFactors: ['otp-email'] },
    };
    expect(requirementsFor(policy, facts(about)).requirements).toEqual(expected);
  });

  it('satisfies the policy and completes no factor', async () => {
    const at = await tenant(v.parse(PolicySchema, { rules: [{ id: 'r', require: ['otp-email'] }] }));
    const { claim, next } = evaluate(at, facts(on('otp-email')));
    expect({ claim, next }).toEqual({ claim: { c: { emailpassword: SECONDS }, v: true }, next: [] });
  });

  it('is no proof for setting up a factor elsewhere', async () => {
    const at = await tenant(v.parse(PolicySchema, { rules: [{ id: 'r', require: ['otp-email'] }] }));
    expect(evaluate(at, facts(on('otp-email'))).mayEnrolAnywhere).toBe(false);
  });

  it('is no fresh factor: changing factors or contacts asks for one', () => {
    const owner = { user: { factorsSetUp: ['emailpassword', 'otp-email'] } };
    expect(isStale(facts({ ...owner, ...on('otp-email') }))).toBe(true);
    const shown = { firstFactor: 'emailpassword', completed: done('emailpassword', 'otp-email') };
    expect(isStale(facts({ ...owner, session: shown }))).toBe(false);
  });

  it.each([
    ['with another way than the first one', 'totp', true],
    ['never with the mailbox that began the session', 'otp-email', false],
  ])('stands for a code by mail where the mail was the first factor %s', async (_, shown, isWaived) => {
    const policy = v.parse(PolicySchema, { rules: [{ id: 'r', require: ['otp-email'] }] });
    const at = await tenant(policy, { distinctChannels: true, secondFactors: ['otp-email', 'totp'] });
    const session = { firstFactor: 'otp-email', completed: done('otp-email'), trusted: done(shown) };
    expect(evaluate(at, facts({ session })).claim.v).toBe(isWaived);
  });

  it('does not pay what a password from an unproven address owes', async () => {
    const at = await tenant(v.parse(PolicySchema, { rules: [{ id: 'r', require: ['otp-email'] }] }));
    const owing = { ...on('otp-email'), user: { owedFactors: ['otp-email'], factorsSetUp: ['otp-email'] } };
    expect(evaluate(at, facts(owing)).next).toEqual(['otp-email']);
  });

  it('is not counted among what the session completed, whoever asks', async () => {
    const rules = [{ id: 'r', when: "!('otp-email' in session.completed)", require: ['totp'] }];
    expect(requirementsFor(await policyOf({ rules }), facts(on('otp-email'))).requirements).toEqual(['totp']);
  });
});
