/**
 * wire.md §12.6: which factor a session may set up, for every row of its table, asked the three ways a front end can:
 * `allowedToSetup` of mfa/info, a code to a new address, a code to the address that is set up.
 *
 * Why: a session that sets up a second factor beside one it has not passed has walked round it (T9); one that may not
 * complete what it has never gets in (T10).
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { MODES, useFrontDoors } from '../support/front-doors.ts';
import { PASSWORD } from '../support/stepgate.ts';
import { passCode } from '../journeys/steps.ts';

const stepgate = useFrontDoors();

type Requirement = string | { readonly oneOf: readonly string[] };
interface Row {
  readonly require: readonly Requirement[];
  readonly setUp: readonly Factor[];
  readonly completed: readonly Factor[];
  /** `allowed`, or which rule of §12.6 refuses. */
  readonly email: 'allowed' | 2 | 3;
  readonly phone: 'allowed' | 2 | 3;
}
type Factor = 'otp-email' | 'otp-phone';

const OR: Requirement = { oneOf: ['otp-email', 'otp-phone'] };
const ROWS: readonly Row[] = [
  { require: ['otp-email'], setUp: [], completed: [], email: 'allowed', phone: 3 },
  { require: ['otp-email'], setUp: ['otp-email'], completed: [], email: 2, phone: 2 },
  { require: [OR], setUp: ['otp-phone'], completed: [], email: 2, phone: 2 },
  { require: [OR], setUp: ['otp-phone'], completed: ['otp-phone'], email: 'allowed', phone: 'allowed' },
  { require: [OR, 'otp-phone'], setUp: [], completed: [], email: 'allowed', phone: 'allowed' },
  { require: ['otp-email', 'otp-phone'], setUp: ['otp-phone'], completed: [], email: 'allowed', phone: 3 },
  { require: [], setUp: [], completed: [], email: 'allowed', phone: 'allowed' },
];

const REASONS = {
  2: 'Completed factors in the session does not satisfy the MFA requirements for auth',
  3: 'Not allowed to setup factor that is not in the next set of unsatisfied factors',
} as const;

let count = 0;
/** A fresh account that owns these factors, and the contacts it proved. */
async function account(factors: readonly Factor[]) {
  count += 1;
  const own = { email: `row-${count}@example.com`, phoneNumber: `+3630${1_000_000 + count}` };
  await stepgate.tenant('public', { profile: 'compat', mfaPolicy: { rules: [] } });
  await stepgate.user(own.email);
  const page = stepgate.page('header');
  await page.signIn(own.email, PASSWORD);
  if (factors.includes('otp-email')) await passCode(stepgate, page, { email: own.email });
  if (factors.includes('otp-phone')) await passCode(stepgate, page, { phoneNumber: own.phoneNumber });
  return own;
}

const refusal = (rule: 2 | 3) => ({
  status: 403,
  body: { message: 'invalid claim', claimValidationErrors: [{ id: 'st-mfa', reason: REASONS[rule] }] },
  setCookies: [],
});

// The reference has no proof of first enrolment: its table is that of `profile: "compat"`.
describe.each(MODES)(
  '§12.6 with profile "compat", which gives up our proof of first enrolment (D7) (%s mode)',
  (mode) => {
    beforeAll(() => stepgate.clock.advance(1_000));

    it.each(ROWS)('$require, set up $setUp, completed $completed: e-mail $email, phone $phone', async (row) => {
      const own = await account(row.setUp);
      await stepgate.tenant('public', {
        profile: 'compat',
        mfaPolicy: { rules: row.require.length === 0 ? [] : [{ id: 'row', require: row.require }] },
      });
      const page = stepgate.page(mode);
      await page.signIn(own.email, PASSWORD);
      stepgate.clock.advance(31_000);
      if (row.completed.includes('otp-phone')) await passCode(stepgate, page, { phoneNumber: own.phoneNumber });

      const { factors } = (await page.mfaInfo()).body;
      expect(factors.allowedToSetup.includes('otp-email')).toBe(row.email === 'allowed');
      expect(factors.allowedToSetup.includes('otp-phone')).toBe(row.phone === 'allowed');

      const toEmail = await page.sendCode({ email: `new-${own.email}` });
      const toPhone = await page.sendCode({ phoneNumber: `+3620${1_000_000 + count}` });
      for (const [answer, expected] of [
        [toEmail, row.email],
        [toPhone, row.phone],
      ] as const) {
        if (expected === 'allowed') expect(answer).toMatchObject({ status: 200, body: { status: 'OK' } });
        else expect(answer).toMatchObject(refusal(expected));
      }
      // Completing what is set up is never a matter of permission.
      const { email, phoneNumber } = own;
      for (const [factor, contact] of [
        ['otp-email', { email }],
        ['otp-phone', { phoneNumber }],
      ] as const) {
        if (row.setUp.includes(factor)) expect((await passCode(stepgate, page, contact)).body.status).toBe('OK');
      }
    });
  },
);
