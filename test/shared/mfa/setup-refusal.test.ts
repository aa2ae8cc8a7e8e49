import { describe, expect, it } from 'vitest';
import {
  evaluate,
  SETUP_REFUSED_NOT_NEXT,
  SETUP_REFUSED_OTHER_EXISTS,
  setupRefusal,
} from '../../../shared/mfa/evaluate.ts';
import type { Requirement } from '../../../shared/mfa/requirements.ts';
import { done, facts, requiring, tenant } from './facts.ts';

const ALLOWED = undefined;
const OTHER_EXISTS = SETUP_REFUSED_OTHER_EXISTS;
const NOT_NEXT = SETUP_REFUSED_NOT_NEXT;

const EP = 'emailpassword';
const EITHER: Requirement = { oneOf: ['otp-email', 'otp-phone'] };

type Row = readonly [
  requirements: readonly Requirement[],
  setUp: readonly string[],
  completed: readonly string[],
  mail: string | undefined,
  phone: string | undefined,
];

/** wire.md §12.6, the worked examples literally: the rule of the reference, which asks for no proof. */
const WORKED_EXAMPLES: readonly Row[] = [
  [['otp-email'], [EP], [EP], ALLOWED, NOT_NEXT],
  [['otp-email'], [EP, 'otp-email'], [EP], OTHER_EXISTS, OTHER_EXISTS],
  [[EITHER], [EP, 'otp-phone'], [EP], OTHER_EXISTS, OTHER_EXISTS],
  [[EITHER], [EP, 'otp-phone'], [EP, 'otp-phone'], ALLOWED, ALLOWED],
  [[{ oneOf: ['totp', 'otp-email'] }, 'otp-phone'], [EP, 'otp-phone'], [EP], ALLOWED, NOT_NEXT],
  [[], [EP], [EP], ALLOWED, ALLOWED],
];

describe('setting up a factor', () => {
  it('words its refusals as the reference does', async () => {
    expect(OTHER_EXISTS).toBe('Completed factors in the session does not satisfy the MFA requirements for auth');
    expect(NOT_NEXT).toBe('Not allowed to setup factor that is not in the next set of unsatisfied factors');
  });

  it.each(WORKED_EXAMPLES)('required %j, set up %j, completed %j: mail %s, phone %s', async (...row) => {
    const [requirements, factorsSetUp, completed, mail, phone] = row;
    const state = facts({
      user: { factorsSetUp, phones: factorsSetUp.includes('otp-phone') ? ['+36701234567'] : [] },
      session: { completed: done(...completed) },
    });
    const evaluation = evaluate(await tenant(requiring(...requirements), { firstEnrolment: 'open' }), state);
    expect(setupRefusal(evaluation, state, 'otp-email')).toBe(mail);
    expect(setupRefusal(evaluation, state, 'otp-phone')).toBe(phone);
  });

  it('follows the proof where one is put in front', async () => {
    const state = facts();
    const evaluation = evaluate(await tenant(requiring('otp-phone')), state);
    expect(setupRefusal(evaluation, state, 'otp-email')).toBe(ALLOWED);
    expect(setupRefusal(evaluation, state, 'otp-phone')).toBe(NOT_NEXT);
  });

  it('is refused for everything while nothing that is demanded can be set up', async () => {
    const state = facts();
    const evaluation = evaluate(await tenant(requiring('totp')), state);
    expect(setupRefusal(evaluation, state, 'otp-email')).toBe(NOT_NEXT);
    expect(setupRefusal(evaluation, state, 'otp-phone')).toBe(NOT_NEXT);
  });
});
