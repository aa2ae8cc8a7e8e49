import { describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { passCode } from './steps.ts';

const stepgate = useStepgate();

const LISTS = [
  { id: 'user', requireFrom: 'user' },
  { id: 'tenant', requireFrom: 'tenant' },
];
const TENANT_WANTS_MAIL = { requiredSecondaryFactors: ['otp-email'] };

let users = 0;

describe.each<Mode>(['cookie', 'header'])('the user’s list beside the tenant’s (%s mode)', (mode) => {
  /** An account that wants its phone, at a tenant that wants mail; signed in. */
  const signedIn = async (attributes: Readonly<Record<string, unknown>>) => {
    await stepgate.tenant('public', { ...attributes, firstEnrolment: 'open' });
    users += 1;
    const email = `user-${users}@example.com`;
    const userId = await stepgate.user(email);
    await stepgate.browser().put(`/admin/users/${userId}/factors/otp-phone`);
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    return { email, phoneNumber: `+3670345${6000 + users}`, page };
  };

  it.each([
    ['without a policy', TENANT_WANTS_MAIL],
    ['with both lists in a policy', { ...TENANT_WANTS_MAIL, mfaPolicy: { rules: LISTS } }],
    ['with merge "all"', { ...TENANT_WANTS_MAIL, mfaPolicy: { rules: LISTS, merge: 'all' } }],
  ])('asks for both, %s', async (_, attributes) => {
    const { page, email, phoneNumber } = await signedIn(attributes);
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-phone']);
    await passCode(stepgate, page, { phoneNumber });
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email']);
    expect((await page.me()).status).toBe(403);
    await passCode(stepgate, page, { email });
    expect((await page.me()).status).toBe(200);
  });

  it.each(['email', 'phoneNumber'] as const)('asks for either with merge "any": %s', async (kind) => {
    const { page, email, phoneNumber } = await signedIn({
      ...TENANT_WANTS_MAIL,
      mfaPolicy: { rules: LISTS, merge: 'any' },
    });
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-phone', 'otp-email']);
    await passCode(stepgate, page, kind === 'email' ? { email } : { phoneNumber });
    expect((await page.me()).status).toBe(200);
  });

  it('asks for a rule’s own factor whatever was merged', async () => {
    const rules = [...LISTS, { id: 'phones', require: ['otp-phone'] }];
    const { page, email, phoneNumber } = await signedIn({
      ...TENANT_WANTS_MAIL,
      mfaPolicy: { rules, merge: 'any' },
    });
    await passCode(stepgate, page, { email });
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-phone']);
    await passCode(stepgate, page, { phoneNumber });
    expect((await page.me()).status).toBe(200);
  });
});
