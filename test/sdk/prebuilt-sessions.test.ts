/** auth-react's prebuilt screens over the life of a session: two tabs, expiry, a policy that comes to apply, step-up. */
import { describe, expect, it, vi } from 'vitest';
import { noChromium } from '../support/chromium.ts';
import { ageFactors } from '../support/by-hand.ts';
import { MODES, useFrontEnd } from './front-end.ts';
import { ADMINS, EVERYBODY } from './policies.ts';
import { atHome, codeField, me, payOut, signInForm, signUp, typeCode, userId } from './screens.ts';

/** Whole walks through a browser, on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const front = useFrontEnd({ public: ADMINS, asked: EVERYBODY }, { ACCESS_TOKEN_SECONDS: '4' });
const EXPIRED_MS = 4_100;

/** Concurrent, for what these walks do most is wait for a token to be over; each has an account of its own. */
describe.skipIf(noChromium !== undefined).each(MODES)('supertokens-auth-react 0.51.3, %s mode', (mode) => {
  it.concurrent('refreshes an expired session from two tabs at once, and signs both out with one', () =>
    front.visit('two-tabs', mode, async ({ open, address, context }) => {
      const first = await open('prebuilt');
      await signUp(first, address);
      await atHome(first);
      const second = await open('prebuilt');
      await atHome(second);
      await context.route('**/auth/session/refresh', async (route) => {
        await first.waitForTimeout(300);
        await route.continue();
      });
      await first.waitForTimeout(EXPIRED_MS);
      expect(await Promise.all([me(first), me(second)])).toMatchObject([
        { tenantId: 'public' },
        { tenantId: 'public' },
      ]);
      await first.getByRole('button', { name: 'Leave' }).click();
      await signInForm(first).waitFor();
      await second.reload();
      await signInForm(second).waitFor();
    }));

  it.concurrent('brings both tabs to the sign-in when the session was ended elsewhere', () =>
    front.visit('ended', mode, async ({ open, address }) => {
      const tabs = [await open('prebuilt')];
      await signUp(tabs[0]!, address);
      await atHome(tabs[0]!);
      tabs.push(await open('prebuilt'));
      await atHome(tabs[1]!);
      await front.run().admin('PATCH', `/users/${await userId(tabs[0]!)}`, { status: 'disabled' });
      await tabs[0]!.waitForTimeout(EXPIRED_MS);
      await Promise.all(tabs.map((tab) => tab.getByRole('button', { name: 'Who am I' }).click()));
      await Promise.all(tabs.map((tab) => signInForm(tab).waitFor()));
    }));

  it.concurrent('leads from the page to the challenge and back once the policy comes to apply', () =>
    front.visit('promoted', mode, async ({ open, address }) => {
      const page = await open('prebuilt');
      await signUp(page, address);
      await atHome(page);
      await front.grant(address, 'admin');
      await page.waitForTimeout(EXPIRED_MS);
      await page.getByRole('button', { name: 'Who am I' }).click();
      await codeField(page).waitFor();
      await typeCode(page, await front.run().code(address));
      await atHome(page);
      expect(await me(page)).toMatchObject({ roles: ['admin'], mfa: { satisfied: true } });
    }));

  it.concurrent('fetches a fresh code for a payout, and pays', () =>
    front.visit('step-up', mode, async ({ open, address }) => {
      const page = await open('prebuilt', 'asked');
      await signUp(page, address);
      await codeField(page).waitFor();
      const first = await front.run().code(address);
      await typeCode(page, first);
      await atHome(page);
      const payee = await userId(page);
      expect(await payOut(page)).toEqual({ userId: payee, payout: 'accepted' });
      await ageFactors(front.run(), payee, 400);
      await page.waitForTimeout(EXPIRED_MS);
      await page.reload();
      await atHome(page);
      await page.getByRole('button', { name: 'Pay out' }).click();
      await codeField(page).waitFor();
      await typeCode(page, await front.run().code(address, first));
      await atHome(page);
      expect(await payOut(page)).toEqual({ userId: payee, payout: 'accepted' });
    }));
});
