import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../shared/mfa/evaluate.ts';
import type { Requirement } from '../../../shared/mfa/requirements.ts';
import { done, facts, NOW, requiring, SECONDS, tenant } from './facts.ts';

const EP = 'emailpassword';
const PHONES = ['+36701234567'];
const MINUTE = 60_000;

const nextOf = async (
  requirements: readonly Requirement[],
  about: Parameters<typeof facts>[0] = {},
  at: Parameters<typeof tenant>[1] = {},
) => evaluate(await tenant(requiring(...requirements), at), facts(about)).next;

describe('evaluate', () => {
  it('is satisfied exactly when nothing is next', async () => {
    for (const completed of [done(EP), done(EP, 'otp-email')]) {
      const { claim, next } = evaluate(await tenant(requiring('otp-email')), facts({ session: { completed } }));
      expect(claim).toEqual({ c: completed, v: next.length === 0 });
    }
    expect(evaluate(await tenant(requiring()), facts()).claim.v).toBe(true);
  });

  it('says what the policy decided', async () => {
    const { decision } = evaluate(await tenant(requiring('otp-email')), facts());
    expect(decision.because).toEqual(['all']);
  });
});

describe('proof put in front', () => {
  const PHONE_DEMANDED: readonly Requirement[] = ['otp-phone'];
  const EITHER: readonly Requirement[] = [{ oneOf: ['otp-email', 'otp-phone'] }];

  it.each<[string, readonly Requirement[], Parameters<typeof facts>[0], readonly string[]]>([
    ['a phone, and the account has none', PHONE_DEMANDED, {}, ['otp-email']],
    ['a phone, and the account has one', PHONE_DEMANDED, { user: { phones: PHONES } }, ['otp-phone']],
    ['a phone that is set up', PHONE_DEMANDED, { user: { factorsSetUp: [EP, 'otp-phone'] } }, ['otp-phone']],
    ['mail, which goes to the account’s own address', ['otp-email'], {}, ['otp-email']],
    ['mail or phone: the mail needs no proof', EITHER, {}, ['otp-email', 'otp-phone']],
    ['phone or something there is not', [{ oneOf: ['otp-phone', 'totp'] }], {}, ['otp-email']],
    ['something there is not', ['totp'], {}, ['totp']],
    ['all of phone and mail', [{ allOfInAnyOrder: ['otp-phone', 'otp-email'] }], {}, ['otp-phone', 'otp-email']],
    ['a phone after mail: one after the other', ['otp-email', 'otp-phone'], {}, ['otp-email']],
    ['a phone, and there is no address to prove', PHONE_DEMANDED, { user: { emails: [] } }, ['otp-phone']],
    ['nothing', [], {}, []],
  ])('where policy wants %s', async (_, requirements, about, next) => {
    expect(await nextOf(requirements, about)).toEqual(next);
  });

  it('is not asked for again once a second factor was passed in the session', async () => {
    expect(await nextOf(PHONE_DEMANDED, { session: { completed: done(EP, 'otp-email') } })).toEqual(['otp-phone']);
  });

  it('is not asked for where the tenant has firstEnrolment "open"', async () => {
    expect(await nextOf(PHONE_DEMANDED, {}, { firstEnrolment: 'open' })).toEqual(['otp-phone']);
  });

  it('goes by mail where the tenant uses phones alone', async () => {
    expect(await nextOf(PHONE_DEMANDED, {}, { secondFactors: ['otp-phone'] })).toEqual(['otp-email']);
  });

  it('is not asked for a phone where the tenant uses mail alone: nothing could be set up', async () => {
    expect(await nextOf(PHONE_DEMANDED, {}, { secondFactors: ['otp-email'] })).toEqual(['otp-phone']);
  });
});

describe('choosing an address', () => {
  const may = async (about: Parameters<typeof facts>[0], firstEnrolment: 'proof' | 'open' = 'proof') =>
    evaluate(await tenant(requiring(), { firstEnrolment }), facts(about)).mayEnrolAnywhere;
  const joined = (timeJoined: number, now: number, at = Math.floor(timeJoined / 1000)) =>
    may({ now, user: { timeJoined }, session: { completed: { emailpassword: at } } });

  it('takes more than a first factor, whatever the policy asks', async () => {
    expect(await may({})).toBe(false);
    expect(await may({ session: { completed: done(EP, 'otp-email') } })).toBe(true);
    expect(await may({ session: { completed: done(EP, 'totp') } })).toBe(true);
  });

  it('takes nothing where the tenant has firstEnrolment "open"', async () => {
    expect(await may({}, 'open')).toBe(true);
  });

  it('is free in the session that made the account, for half an hour', async () => {
    expect(await joined(NOW, NOW)).toBe(true);
    expect(await joined(NOW + 999, NOW + 999)).toBe(true);
    expect(await joined(NOW, NOW + 30 * MINUTE)).toBe(true);
    expect(await joined(NOW, NOW + 30 * MINUTE + 1)).toBe(false);
  });

  it('is not free in a session begun a second later', async () => {
    expect(await joined(NOW, NOW + MINUTE, SECONDS + 1)).toBe(false);
  });
});
