/** A social button as web-js has it: from the page to a provider's own screens and back. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { noChromium } from '../support/chromium.ts';
import { useOidcProvider } from '../support/oidc-provider.ts';
import { corp } from '../support/third-party.ts';
import type { Bare } from './app/bare.ts';
import { MODES, useFrontEnd } from './front-end.ts';

declare const bare: Bare;

/** Whole walks through a browser, on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const front = useFrontEnd({});

describe.skipIf(noChromium !== undefined).each(MODES)('supertokens-web-js 0.16.0, %s mode', (mode) => {
  const oidc = useOidcProvider(() => [`${front.origin()}/bare`]);

  beforeAll(() =>
    front.run().admin('PUT', '/tenants/public', {
      allowedOrigins: [front.origin()],
      mfaPolicy: { rules: [{ id: 'all', require: ['otp-email'] }] },
      providers: [corp(oidc.issuer())],
    }),
  );

  it('goes to a provider and comes back, owes the code, and is let in with it', () =>
    front.visit('third-party', mode, async ({ open }) => {
      const email = `social-${mode}@example.com`;
      oidc.person(`anna-${mode}`, { email, email_verified: true });
      const page = await open('bare');
      await signInAtProvider(page, `anna-${mode}`, `${front.origin()}/bare`);
      const made = await page.evaluate(async () => bare.ThirdParty.signInAndUp());
      expect(made).toMatchObject({ status: 'OK', createdNewRecipeUser: true, user: { emails: [email] } });
      expect(await status(page)).toBe(403);

      await page.evaluate(
        (address) => bare.Passwordless.createCode({ email: address, shouldTryLinkingWithSessionUser: true }),
        email,
      );
      const userInputCode = await front.run().code(email);
      await page.evaluate((code) => bare.Passwordless.consumeCode({ userInputCode: code }), userInputCode);
      expect(await status(page)).toBe(200);
    }));
});

const status = (page: Page) => page.evaluate(async () => (await bare.call('/me')).status);

async function signInAtProvider(page: Page, login: string, frontendRedirectURI: string): Promise<void> {
  const url = await page.evaluate(
    (address) =>
      bare.ThirdParty.getAuthorisationURLWithQueryParamsAndSetState({
        thirdPartyId: 'corp',
        frontendRedirectURI: address,
      }),
    frontendRedirectURI,
  );
  await page.goto(url);
  await page.fill('input[name=login]', login);
  await page.fill('input[name=password]', 'x');
  await page.click('button[type=submit]');
  await page.click('button[type=submit]');
  await page.waitForURL((address) => address.href.startsWith(frontendRedirectURI));
}
