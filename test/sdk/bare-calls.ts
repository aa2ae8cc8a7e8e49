import type { Page } from 'playwright-core';
import type { Bare } from './app/bare.ts';
import { NEW_PASSWORD, PASSWORD } from './front-end.ts';

/** What an application with forms of its own has supertokens-web-js do, called from outside the page. */
declare const bare: Bare;

const fieldsOf = (email: string, password: string) => [
  { id: 'email', value: email },
  { id: 'password', value: password },
];

export const signIn = (page: Page, email: string, password = PASSWORD) =>
  page.evaluate(
    async (formFields) => (await bare.EmailPassword.signIn({ formFields })).status,
    fieldsOf(email, password),
  );

export const signUp = (page: Page, email: string) =>
  page.evaluate(
    async (formFields) => (await bare.EmailPassword.signUp({ formFields })).status,
    fieldsOf(email, NEW_PASSWORD),
  );

/** Leaves the SDK's own record of the attempt behind, which `resend` and `typeCode` use. */
export const askForCode = (page: Page, contact: { email: string } | { phoneNumber: string }) =>
  page.evaluate(
    async (to) => (await bare.Passwordless.createCode({ ...to, shouldTryLinkingWithSessionUser: true })).status,
    contact,
  );

export const resend = (page: Page) => page.evaluate(async () => (await bare.Passwordless.resendCode()).status);

export const typeCode = (page: Page, userInputCode: string) =>
  page.evaluate(async (code) => {
    const { fetchResponse: _, ...outcome } = await bare.Passwordless.consumeCode({ userInputCode: code });
    return outcome;
  }, userInputCode);

export const mfaInfo = (page: Page) =>
  page.evaluate(async () => {
    const { factors, emails, phoneNumbers } = await bare.MultiFactorAuth.resyncSessionAndFetchMFAInfo();
    return { factors, emails, phoneNumbers };
  });

/** The application's own calls, which the SDK intercepts. */
export const call = (page: Page, path: string, method = 'GET') =>
  page.evaluate(([to, how]) => bare.call(to, how), [path, method] as const);
export const status = async (page: Page): Promise<number> => (await call(page, '/me')).status;

export const events = (page: Page) => page.evaluate(() => bare.events);
export const hasSession = (page: Page) => page.evaluate(() => bare.Session.doesSessionExist());
export const signOut = (page: Page) => page.evaluate(() => bare.Session.signOut());
export const refresh = (page: Page) => page.evaluate(() => bare.Session.attemptRefreshingSession());
export const ownId = (page: Page) => page.evaluate(() => bare.Session.getUserId());

/** Waits until the access token that the page has is over. */
export async function untilExpired(page: Page): Promise<void> {
  const expiry = await page.evaluate(async () => (await bare.Session.getAccessTokenPayloadSecurely()).exp);
  await page.waitForFunction((exp) => Date.now() / 1000 > exp, expiry);
}
