import { describe, expect, it } from 'vitest';
import type { Browser, Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { passCode } from './steps.ts';

const stepgate = useStepgate();

const DAY = 86_400_000;
const rules = [{ id: 'staff', require: ['otp-email'], graceDays: 7 }];

let users = 0;

describe.each<Mode>(['cookie', 'header'])('a rule that gives people a week (%s mode)', (mode) => {
  const policy = (mfaPolicy: object = { rules }) => stepgate.tenant('public', { mfaPolicy });

  const someone = async () => {
    users += 1;
    const email = `person-${users}@example.com`;
    return { email, userId: await stepgate.user(email) };
  };
  const signedIn = async (email: string): Promise<Browser> => {
    const page = stepgate.browser(mode);
    expect((await page.signIn(email, PASSWORD)).body.status).toBe('OK');
    return page;
  };
  const deadline = async (userId: string): Promise<number | undefined> =>
    (await stepgate.app().users.load(userId))?.grace?.['public']?.['staff'];
  const isIn = async (page: Browser): Promise<boolean> => (await page.me()).status === 200;

  it('lets in until the deadline, and then asks', async () => {
    await policy();
    const { email, userId } = await someone();
    const before = stepgate.clock.now();
    const page = await signedIn(email);
    expect(await isIn(page)).toBe(true);
    expect((await page.mfaInfo()).body.factors.next).toEqual([]);
    const until = await deadline(userId);
    expect(until).toBeGreaterThanOrEqual(before + 7 * DAY);
    expect(until).toBeLessThanOrEqual(stepgate.clock.now() + 7 * DAY);

    stepgate.clock.advance(7 * DAY - 60_000);
    expect(await isIn(await signedIn(email))).toBe(true);
    stepgate.clock.advance(120_000);
    const late = await signedIn(email);
    expect(await isIn(late)).toBe(false);
    expect((await late.mfaInfo()).body.factors.next).toEqual(['otp-email']);
    await passCode(stepgate, late, { email });
    expect(await isIn(late)).toBe(true);
    expect(await deadline(userId)).toBe(until);
  });

  it('reaches a session that was begun before at its next refresh', async () => {
    await policy({ rules: [{ ...rules[0], graceDays: 1 }] });
    const { email } = await someone();
    const page = await signedIn(email);
    stepgate.clock.advance(DAY);
    expect((await page.refresh()).status).toBe(200);
    expect(await isIn(page)).toBe(false);
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email']);
  });

  it('begins with the first refresh under the rule, for whoever was in before', async () => {
    await policy({ rules: [] });
    const { email, userId } = await someone();
    const page = await signedIn(email);
    await policy();
    expect(await deadline(userId)).toBeUndefined();
    await page.refresh();
    expect(await isIn(page)).toBe(true);
    expect(await deadline(userId)).toBeGreaterThan(0);
  });

  it('ends at the same time whatever happens: sign-ins, roles on and off, the rule off and on, a factor reset', async () => {
    await policy();
    const { email, userId } = await someone();
    const page = await signedIn(email);
    const until = await deadline(userId);
    const operator = stepgate.browser();

    stepgate.clock.advance(DAY);
    await page.refresh();
    await operator.put(`/admin/users/${userId}/roles/public/staff`);
    await signedIn(email);
    await operator.delete(`/admin/users/${userId}/roles/public/staff`);
    await policy({ rules: [] });
    await signedIn(email);
    await policy({ rules: [{ ...rules[0], graceDays: 30 }] });
    await passCode(stepgate, await signedIn(email), { email });
    await operator.put(`/admin/users/${userId}/factors/otp-email`);
    await operator.delete(`/admin/users/${userId}/factors/otp-email`);
    expect((await operator.post(`/admin/users/${userId}/factors/reset`)).body.status).toBe('OK');
    expect(await deadline(userId)).toBe(until);
    stepgate.clock.advance(6 * DAY);
    expect(await isIn(await signedIn(email))).toBe(false);
    expect(await deadline(userId)).toBe(until);
  });

  it('begins for those as well who have the factor: losing it later opens no new one', async () => {
    await policy({ rules: [{ id: 'before', require: ['otp-email'] }] });
    const { email, userId } = await someone();
    const page = await signedIn(email);
    await passCode(stepgate, page, { email });
    await policy();
    const asked = await signedIn(email);
    expect(await isIn(asked)).toBe(false);
    const until = await deadline(userId);
    stepgate.clock.advance(8 * DAY);
    await stepgate.browser().post(`/admin/users/${userId}/factors/reset`);
    expect(await isIn(await signedIn(email))).toBe(false);
    expect(await deadline(userId)).toBe(until);
  });

  it('begins for a new account with its sign-up', async () => {
    await policy();
    const page = stepgate.browser(mode);
    users += 1;
    const email = `new-${users}@example.com`;
    const { body } = await page.signUp(email, PASSWORD);
    expect(await isIn(page)).toBe(true);
    expect(await deadline(body.user.id)).toBeGreaterThan(stepgate.clock.now() + 6 * DAY);
  });

  it('shows what is required from when, and lets it be set up before', async () => {
    await policy();
    const { email, userId } = await someone();
    const page = await signedIn(email);
    const info = (await page.mfaInfo()).body.factors;
    expect(info).toMatchObject({ next: [], alreadySetup: ['emailpassword'] });
    expect(info.allowedToSetup).toContain('otp-email');
    const shown = async () => {
      const { factors } = (await page.get('/auth/mfa/factors')).body;
      return factors.find(({ factorId }: { factorId: string }) => factorId === 'otp-email');
    };
    expect(await shown()).toMatchObject({
      setUp: false,
      required: true,
      requiredBy: ['rule:staff'],
      requiredFrom: new Date((await deadline(userId))!).toISOString(),
      canDisable: false,
    });
    await passCode(stepgate, page, { email });
    expect(await shown()).toMatchObject({ setUp: true, required: true, requiredBy: ['rule:staff'] });
    expect(await shown()).not.toHaveProperty('requiredFrom');
    expect(await isIn(await signedIn(email))).toBe(false);
  });
});
