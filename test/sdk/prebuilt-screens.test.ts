/** auth-react's prebuilt screens, as published, from the first form to the page behind it. */
import { describe, expect, it, vi } from 'vitest';
import { noChromium } from '../support/chromium.ts';
import { otherThan } from '../support/otp.ts';
import { MODES, NEW_PASSWORD, useFrontEnd } from './front-end.ts';
import { atHome, codeField, me, signUp, typeCode, typePassword } from './screens.ts';

const EVERYBODY = { mfaPolicy: { rules: [{ id: 'everybody', require: ['otp-email'] }] } };
const CHOICE = { mfaPolicy: { rules: [{ id: 'either', require: [{ oneOf: ['otp-email', 'otp-phone'] }] }] } };
const ADMINS = { mfaPolicy: { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] }] } };

/** Whole walks through a browser, on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describe.skipIf(noChromium !== undefined).each(MODES)('supertokens-auth-react 0.51.3, %s mode', (mode) => {
  const front = useFrontEnd({ public: ADMINS, asked: EVERYBODY, choice: CHOICE });

  it('signs up, is not asked, signs out, signs in', () =>
    front.visit('sign-up', mode, async ({ open }) => {
      const page = await open('prebuilt');
      await signUp(page, 'new@example.com');
      await atHome(page);
      expect(await me(page)).toMatchObject({ tenantId: 'public', mfa: { satisfied: true } });
      await page.getByRole('button', { name: 'Leave' }).click();
      await typePassword(page, 'new@example.com', NEW_PASSWORD);
      await atHome(page);
    }));

  it('asks an admin for a code, and tells a wrong one', () =>
    front.visit('challenge', mode, async ({ open }) => {
      const page = await open('prebuilt');
      await typePassword(page, 'admin@example.com');
      await codeField(page).waitFor();
      const code = await front.run().code('admin@example.com');
      await typeCode(page, otherThan(code));
      await page.getByText('Invalid OTP').waitFor();
      await typeCode(page, code);
      await atHome(page);
      expect(await me(page)).toMatchObject({ roles: ['admin'], mfa: { satisfied: true } });
    }));

  it('survives a reload in the middle of the challenge, without a second code', () =>
    front.visit('reload', mode, async ({ open }) => {
      const page = await open('prebuilt', 'asked');
      await signUp(page, 'reload@example.com');
      await codeField(page).waitFor();
      const code = await front.run().code('reload@example.com');
      await page.reload();
      await typeCode(page, code);
      await atHome(page);
      expect(await front.run().inbox('reload@example.com')).toHaveLength(1);
    }));

  it('offers the choice where there is one', () =>
    front.visit('chooser', mode, async ({ open }) => {
      const page = await open('prebuilt', 'choice');
      await signUp(page, 'chooser@example.com');
      await page.locator('[data-supertokens~="factorChooserOption"]').first().waitFor();
      expect(await page.locator('[data-supertokens~="factorChooserOption"]').count()).toBe(2);
    }));
});
