import { exportPKCS8, generateKeyPair } from 'jose';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { noChromium } from '../support/chromium.ts';
import { useOidcProvider } from '../support/oidc-provider.ts';
import { corp } from '../support/third-party.ts';
import { heading, press, useHostedPages } from './visits.ts';

const APPLE = { clientId: 'com.example.app', teamId: 'TEAM123456' };

describe.skipIf(noChromium !== undefined)('a provider', () => {
  const { run, visit } = useHostedPages({ tenants: {} });
  const pair = generateKeyPair('ES256', { extractable: true });
  const idp = useOidcProvider(
    () => [`${run().origin}/callback/corp`],
    async () => {
      const { publicKey } = await pair;
      return { ...APPLE, publicKey, redirectUri: `${run().origin}/auth/callback/apple` };
    },
  );
  beforeAll(async () => {
    const clientSecret = await exportPKCS8((await pair).privateKey);
    const apple = { thirdPartyId: 'apple', issuer: idp.issuer(), ...APPLE, keyId: 'KEY1234567', clientSecret };
    await run().admin('PUT', '/tenants/acme', {
      name: 'Acme',
      firstFactors: ['thirdparty'],
      providers: [corp(idp.issuer()), apple],
      mfaPolicy: { rules: [] },
    });
    idp.person('ada', { email: 'ada@example.com', email_verified: true });
    idp.person('grace', { email: 'grace@example.com', email_verified: true });
    idp.person('no-mail', {});
  });

  /** At the provider's own form, which also asks for consent. */
  const signInThere = async (page: Page, login: string): Promise<void> => {
    await page.locator('input[name=login]').fill(login);
    await page.locator('input[name=password]').fill('x');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Continue' }).click();
  };

  it('signs in, and tenant and language are those of before; nothing of the way stays in the address', () =>
    visit('/?tenantId=acme&lang=hu', async (page) => {
      await press(page, 'Folytatás ezzel: Corp');
      await signInThere(page, 'ada');
      await heading(page, 'Fiókbiztonság');
      expect(new URL(page.url()).search).toBe('?tenantId=acme&lang=hu');
      await page.goBack();
      await page.waitForLoadState();
      expect(page.url()).not.toContain('code=');
    }));

  it('that posts its answer, as Apple does, signs in by way of the service and its page', () =>
    visit('/?tenantId=acme&lang=hu', async (page) => {
      const posts: string[] = [];
      page.on('request', (request) => {
        if (request.method() === 'POST' && request.isNavigationRequest()) posts.push(request.url());
      });
      await press(page, 'Folytatás ezzel: Apple');
      await signInThere(page, 'grace');
      await heading(page, 'Fiókbiztonság');
      expect(await run().admin('GET', '/users?tenantId=acme&thirdParty=apple%7Cgrace')).toMatchObject({
        users: [{ loginMethods: [{ email: 'grace@example.com', verified: true }] }],
      });
      expect(posts).toContain(`${run().origin}/auth/callback/apple`);
      expect(new URL(page.url()).search).toBe('?tenantId=acme&lang=hu');
      await page.goBack();
      await page.waitForLoadState();
      expect(page.url()).not.toContain('code=');
    }));

  it('that posts a refusal, as Apple does, leads back to the other ways', () =>
    visit('/?tenantId=acme', async (page) => {
      await press(page, 'Continue with Apple');
      await page.getByRole('link', { name: /Cancel/ }).click();
      await heading(page, 'You are not signed in');
      await page.getByText('You did not finish at the provider, or it refused.').waitFor();
    }));

  it('that is left without signing in leads back to the other ways', () =>
    visit('/?tenantId=acme', async (page) => {
      await press(page, 'Continue with Corp');
      await page.getByRole('link', { name: /Cancel/ }).click();
      await heading(page, 'You are not signed in');
      await page.getByText('You did not finish at the provider, or it refused.').waitFor();
      await page.getByRole('link', { name: 'Sign in' }).click();
      await heading(page, 'Sign in');
      expect(new URL(page.url()).search).toBe('?tenantId=acme');
    }));

  it('that tells no address is told so', () =>
    visit('/?tenantId=acme', async (page) => {
      await press(page, 'Continue with Corp');
      await signInThere(page, 'no-mail');
      await page.getByRole('alert').getByText('The provider gave us no e-mail address.').waitFor();
    }));

  it('is not believed where nobody left for it', () =>
    visit('/callback/corp?code=stolen&state=guessed', async (page) => {
      await heading(page, 'You are not signed in');
      expect(page.url()).not.toContain('stolen');
    }));
});
