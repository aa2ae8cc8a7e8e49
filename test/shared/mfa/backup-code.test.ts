/**
 * A backup code stands in for one requirement that the tenant names, once, and never makes anything easier than that.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withBackupCode } from '../../../shared/mfa/backup-code.ts';
import { evaluate } from '../../../shared/mfa/evaluate.ts';
import { nextFactors, type Requirement, unmet } from '../../../shared/mfa/requirements.ts';
import { done, facts, requiring, tenant } from './facts.ts';

const about = (completed: readonly string[], factorsSetUp: readonly string[]) =>
  facts({ session: { completed: done(...completed) }, user: { factorsSetUp } });
const CODES = ['emailpassword', 'totp', 'otp-phone', 'backup-code'];

const next = (
  requirements: readonly Requirement[],
  replaces: readonly string[],
  completed: readonly string[],
  owns = CODES,
) => {
  const given = about(completed, owns);
  const { factorsSetUp } = given.user;
  const counted = given.session.completed;
  return nextFactors(withBackupCode(requirements, replaces, { counted, factorsSetUp }), counted);
};

describe('withBackupCode', () => {
  it.each<[string, readonly Requirement[], readonly string[], readonly string[], readonly string[]]>([
    ['offers itself beside a factor it may replace', ['totp'], ['totp'], [], ['totp', 'backup-code']],
    ['meets it', ['totp'], ['totp'], ['backup-code'], []],
    [
      'offers itself beside a choice of them',
      [{ oneOf: ['totp', 'otp-phone'] }],
      ['totp'],
      [],
      ['totp', 'otp-phone', 'backup-code'],
    ],
    ['replaces nothing that is not named', ['otp-phone'], ['totp'], ['backup-code'], ['otp-phone']],
    [
      'replaces none of an all-of',
      [{ allOfInAnyOrder: ['totp', 'otp-phone'] }],
      ['totp'],
      ['backup-code'],
      ['totp', 'otp-phone'],
    ],
    [
      'meets the first of two and not the second',
      ['totp', 'otp-phone'],
      ['totp', 'otp-phone'],
      ['backup-code'],
      ['otp-phone'],
    ],
    [
      'meets the second where the first was met otherwise',
      ['totp', 'otp-phone'],
      ['totp', 'otp-phone'],
      ['backup-code', 'totp'],
      [],
    ],
    [
      'is spent on a requirement that names it',
      [{ oneOf: ['otp-email', 'backup-code'] }, 'totp'],
      ['totp'],
      ['backup-code'],
      ['totp'],
    ],
    [
      'is not spent on one that something else met',
      [{ oneOf: ['otp-email', 'backup-code'] }, 'totp'],
      ['totp'],
      ['backup-code', 'otp-email'],
      [],
    ],
  ])('%s', (_, requirements, replaces, completed, expected) => {
    expect(next(requirements, replaces, completed)).toEqual(expected);
  });

  it('is not spoken of to whoever has none, and still counts in the session that used the last', () => {
    const none = ['emailpassword', 'totp'];
    expect(next(['totp'], ['totp'], [], none)).toEqual(['totp']);
    expect(next(['totp'], ['totp'], ['backup-code'], none)).toEqual([]);
  });

  it('lets nobody off more than one requirement, whatever is required and done', () => {
    const factor = fc.constantFrom('totp', 'otp-phone', 'otp-email');
    const requirement = fc.oneof(
      factor,
      fc.record({ oneOf: fc.array(factor, { minLength: 1, maxLength: 3 }) }),
      fc.record({ allOfInAnyOrder: fc.array(factor, { minLength: 1, maxLength: 3 }) }),
    );
    fc.assert(
      fc.property(
        fc.array(requirement, { maxLength: 4 }),
        fc.subarray(['totp', 'otp-phone', 'otp-email']),
        fc.subarray(['totp', 'otp-phone', 'otp-email', 'backup-code']),
        (requirements, replaces, completed) => {
          const unmetWithout = requirements.filter((each) => unmet(each, done(...completed)).length > 0).length;
          const passes = next(requirements, replaces, completed).length === 0;
          const mayHelp = completed.includes('backup-code') && replaces.length > 0 ? 1 : 0;
          if (passes) expect(unmetWithout).toBeLessThanOrEqual(mayHelp);
          if (unmetWithout === 0) expect(passes).toBe(true);
        },
      ),
    );
  });
});

describe('evaluate', () => {
  it('asks for a proof of the mailbox before a first app, and not where a backup code would do', async () => {
    const apps = await tenant(requiring('totp'), { secondFactors: ['totp'], backupCodeReplaces: ['totp'] });
    expect(evaluate(apps, about(['emailpassword'], ['emailpassword'])).next).toEqual(['otp-email']);
    expect(evaluate(apps, about(['emailpassword'], ['emailpassword', 'backup-code'])).next).toEqual([
      'totp',
      'backup-code',
    ]);
    expect(evaluate(apps, about(['emailpassword', 'backup-code'], ['emailpassword'])).claim.v).toBe(true);
  });
});
