/**
 * What a session may count that began with a mailbox or a phone.
 *
 * Why: a second code to the same mailbox proves nothing new, and neither does a device that once showed it.
 */
import { describe, expect, it } from 'vitest';
import { evaluate, type EvaluatedTenant } from '../../../shared/mfa/evaluate.ts';
import type { Requirement } from '../../../shared/mfa/requirements.ts';
import { done, facts, requiring, SECONDS, tenant } from './facts.ts';

const ALL = ['otp-email', 'otp-phone', 'totp', 'backup-code'];

async function after(
  session: { firstFactor: string; completed?: readonly string[]; trusted?: readonly string[] },
  require: readonly Requirement[],
  about: Partial<EvaluatedTenant> = {},
) {
  const { firstFactor, completed = [], trusted = [] } = session;
  return evaluate(
    await tenant(requiring(...require), { secondFactors: ALL, ...about }),
    facts({
      user: { factorsSetUp: ['emailpassword', ...ALL], phones: ['+36301234567'] },
      session: { firstFactor, completed: done(firstFactor, ...completed), trusted: done(...trusted) },
    }),
  );
}

describe('a session that began with a mailbox', () => {
  it.each<[readonly Requirement[], readonly string[]]>([
    [[], []],
    [['otp-email'], ['otp-phone', 'totp']],
    [['totp'], ['totp']],
    [[{ oneOf: ['otp-email', 'totp'] }], ['totp']],
    [[{ oneOf: ['otp-email', 'link-email'] }], ['otp-phone', 'totp']],
    [[{ allOfInAnyOrder: ['otp-email', 'totp'] }], ['totp']],
    [
      ['otp-email', 'totp'],
      ['otp-phone', 'totp'],
    ],
    [['emailpassword'], ['emailpassword']],
  ])('owes for %j: %j', async (require, next) => {
    for (const firstFactor of ['otp-email', 'link-email']) {
      const evaluation = await after({ firstFactor }, require);
      expect(evaluation.next).toEqual(next);
      expect(evaluation.claim.v).toBe(next.length === 0);
    }
  });

  it.each<[readonly Requirement[], readonly string[]]>([
    [['otp-email'], ['otp-phone']],
    [[{ oneOf: ['otp-email', 'totp'] }], ['totp']],
    [[{ allOfInAnyOrder: ['otp-email', 'otp-phone'] }], ['otp-phone']],
    [['otp-email', 'otp-phone'], ['otp-phone']],
  ])('has met %j with %j', async (require, completed) => {
    expect((await after({ firstFactor: 'link-email', completed }, require)).claim.v).toBe(true);
    expect((await after({ firstFactor: 'link-email', completed: ['otp-email'] }, require)).claim.v).toBe(false);
  });

  it('has a backup code count for what it may stand in for, and not for the mailbox', async () => {
    const given = { firstFactor: 'otp-email', completed: ['backup-code'] };
    expect((await after(given, ['otp-email'])).claim.v).toBe(false);
    expect((await after(given, ['otp-email'], { backupCodeReplaces: ['otp-email'] })).claim.v).toBe(false);
    expect((await after(given, ['otp-email'], { backupCodeReplaces: ['totp'] })).claim.v).toBe(true);
  });

  it('cannot meet it where nothing else is offered', async () => {
    for (const secondFactors of [['otp-email'], ['otp-email', 'backup-code']]) {
      const evaluation = await after({ firstFactor: 'otp-email' }, ['otp-email'], { secondFactors });
      expect(evaluation).toMatchObject({ claim: { v: false }, next: ['otp-email'], repeated: ['otp-email'] });
    }
  });

  it('is asked all the same on a device that showed the mailbox, and not on one that showed the phone', async () => {
    for (const firstFactor of ['otp-email', 'link-email']) {
      expect((await after({ firstFactor, trusted: ['otp-email'] }, ['otp-email'])).claim.v).toBe(false);
      expect((await after({ firstFactor, trusted: ['otp-phone'] }, ['otp-email'])).claim.v).toBe(true);
    }
    expect((await after({ firstFactor: 'emailpassword', trusted: ['otp-email'] }, ['otp-email'])).claim.v).toBe(true);
  });

  it('counts it twice where the tenant says so, as the reference does', async () => {
    const loose = { distinctChannels: false };
    expect((await after({ firstFactor: 'otp-email' }, ['otp-email'], loose)).claim.v).toBe(true);
    expect((await after({ firstFactor: 'link-email' }, ['otp-email'], loose)).next).toEqual(['otp-email']);
    expect((await after({ firstFactor: 'link-email' }, ['otp-email'], loose)).repeated).toEqual([]);
  });

  it('says when it was done, whether it counts or not', async () => {
    expect((await after({ firstFactor: 'otp-email' }, ['otp-email'])).claim.c).toEqual({ 'otp-email': SECONDS });
  });
});
