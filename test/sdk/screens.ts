import type { Page } from 'playwright-core';
import { NEW_PASSWORD, PASSWORD } from './front-end.ts';

/** Fills auth-react's password form. */
export async function typePassword(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.locator('input[name="email"]').fill(email);
  await page.locator('input[name="password"]').fill(password);
  await submit(page);
}

export async function signUp(page: Page, email: string): Promise<void> {
  await page.getByText('Sign Up', { exact: true }).first().click();
  // The sign-in form has the same fields, and goes away with what was typed into it.
  await page.getByText('Already have an account?').waitFor();
  await typePassword(page, email, NEW_PASSWORD);
}

/** Waits for the screen that asks for a code, and types one in. */
export async function typeCode(page: Page, code: string): Promise<void> {
  await codeField(page).fill(code);
  await submit(page);
}

/** Takes one of the ways that the factor chooser offers. */
export const choose = (page: Page, factorId: string): Promise<void> =>
  page.locator(`[data-supertokens~="factorChooserOption"][data-supertokens~="${factorId}"]`).click();

export async function typePhone(page: Page, phoneNumber: string): Promise<void> {
  await page.locator('input[name="phoneNumber_text"]').fill(phoneNumber);
  await submit(page);
}

export const codeField = (page: Page) => page.locator('input[name="userInputCode"]');
export const chooserOptions = (page: Page) => page.locator('[data-supertokens~="factorChooserOption"]');
export const signInForm = (page: Page) => page.locator('input[name="password"]');
/** auth-react's own screen for whoever gets no further. */
export const deniedScreen = (page: Page) => page.locator('[data-supertokens~="accessDenied"]');
export const atHome = (page: Page): Promise<void> => page.getByRole('heading', { name: 'Home' }).waitFor();

const submit = (page: Page): Promise<void> => page.locator('button[type="submit"]').click();

/** What the service answers this page's own request with. */
export async function me(page: Page): Promise<unknown> {
  await page.getByRole('button', { name: 'Who am I' }).click();
  const output = page.locator('#me:not(:empty)');
  return JSON.parse((await output.textContent()) ?? '');
}

/** The user whose session the page has. */
export async function userId(page: Page): Promise<string> {
  return (await page.locator('#user').textContent()) ?? '';
}

/** @returns what the payout was answered with, once it was not refused. */
export async function payOut(page: Page): Promise<unknown> {
  await page.getByRole('button', { name: 'Pay out' }).click();
  return JSON.parse((await page.locator('#payout:not(:empty)').textContent()) ?? '');
}
