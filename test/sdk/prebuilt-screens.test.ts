/** auth-react's prebuilt screens, as published, from the first form to the page behind it. */
import { describe, expect, it, vi } from 'vitest';
import { noChromium } from '../support/chromium.ts';
import { otherThan } from '../support/otp.ts';
import { MODES, NEW_PASSWORD, useFrontEnd } from './front-end.ts';
import { ACME, ADMINS, EVERYBODY } from './policies.ts';
import {
  atHome,
  chooserOptions,
  choose,
  codeField,
  deniedScreen,
  me,
  signUp,
  typeCode,
  typePassword,
  typePhone,
} from './screens.ts';

/** Whole walks through a browser, on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const front = useFrontEnd({ public: ADMINS, asked: EVERYBODY, acme: ACME });
const PHONES = { cookie: '+36201234567', header: '+36201234568' } as const;

describe.skipIf(noChromium !== undefined).each(MODES)('supertokens-auth-react 0.51.3, %s mode', (mode) => {
  it('signs up, is not asked, signs out, signs in', () =>
    front.visit('sign-up', mode, async ({ open, address }) => {
      const page = await open('prebuilt');
      await signUp(page, address);
      await atHome(page);
      expect(await me(page)).toMatchObject({ tenantId: 'public', mfa: { satisfied: true } });
      await page.getByRole('button', { name: 'Leave' }).click();
      await typePassword(page, address, NEW_PASSWORD);
      await atHome(page);
    }));

  it('asks an admin for a code, and tells a wrong one', () =>
    front.visit('challenge', mode, async ({ open }) => {
      const page = await open('prebuilt');
      await front.run().emptyInbox();
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
    front.visit('reload', mode, async ({ open, address }) => {
      const page = await open('prebuilt', 'asked');
      await signUp(page, address);
      await codeField(page).waitFor();
      const code = await front.run().code(address);
      await page.reload();
      await typeCode(page, code);
      await atHome(page);
      expect(await front.run().inbox(address)).toHaveLength(1);
    }));

  it('offers the choice where there is one, and lets in who takes the mail', () =>
    front.visit('choice', mode, async ({ open, address }) => {
      const page = await open('prebuilt', 'acme');
      await signUp(page, address);
      await chooserOptions(page).first().waitFor();
      expect(await chooserOptions(page).count()).toBe(2);
      await choose(page, 'otp-email');
      await codeField(page).waitFor();
      await typeCode(page, await front.run().code(address));
      await atHome(page);
      expect(await me(page)).toMatchObject({ tenantId: 'acme', mfa: { satisfied: true } });
    }));

  it('takes a phone at another tenant, and sends text messages there from then on', () =>
    front.visit('phone', mode, async ({ open, address }) => {
      const page = await open('prebuilt', 'acme');
      await signUp(page, address);
      await choose(page, 'otp-phone');
      await typePhone(page, PHONES[mode]);
      await codeField(page).waitFor();
      const first = await front.run().code(PHONES[mode]);
      await typeCode(page, first);
      await atHome(page);
      await page.getByRole('button', { name: 'Leave' }).click();
      await typePassword(page, address, NEW_PASSWORD);
      await codeField(page).waitFor();
      await typeCode(page, await front.run().code(PHONES[mode], first));
      await atHome(page);
      expect(await me(page)).toMatchObject({ tenantId: 'acme', mfa: { satisfied: true } });
      const mails = await front.run().inbox(address);
      expect(mails.filter(({ purpose }) => purpose !== 'notice')).toEqual([]);
    }));

  it('knows nobody of one tenant at another', () =>
    front.visit('tenants', mode, async ({ open }) => {
      const page = await open('prebuilt', 'acme');
      await typePassword(page, 'user@example.com');
      await page.getByText('Incorrect email and password combination').waitFor();
    }));

  it('denies access to a page of a role that the user has not, and opens it with the role', () =>
    front.visit('role', mode, async ({ open, address }) => {
      const page = await open('clerks');
      await signUp(page, address);
      await deniedScreen(page).waitFor();
      await front.grant(address, 'clerk');
      await page.getByRole('button', { name: 'Log out' }).click();
      await typePassword(page, address, NEW_PASSWORD);
      await atHome(page);
      const clerks = await open('clerks');
      await clerks.getByRole('heading', { name: 'Clerks' }).waitFor();
    }));
});
