import type { Page } from 'playwright-core';
import { NEW_PASSWORD, PASSWORD } from './front-end.ts';

/** Fills auth-react's password form. */
export async function typePassword(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.locator('input[name="email"]').fill(email);
  await page.locator('input[name="password"]').fill(password);
  await page.locator('button[type="submit"]').click();
}

export async function signUp(page: Page, email: string): Promise<void> {
  await page.getByText('Sign Up', { exact: true }).first().click();
  await typePassword(page, email, NEW_PASSWORD);
}

export async function typeCode(page: Page, code: string): Promise<void> {
  await page.locator('input[name="userInputCode"]').fill(code);
  await page.locator('button[type="submit"]').click();
}

export const codeField = (page: Page) => page.locator('input[name="userInputCode"]');
export const atHome = (page: Page): Promise<void> => page.getByRole('heading', { name: 'Home' }).waitFor();

/** What the service answers this page's own request with. */
export async function me(page: Page): Promise<unknown> {
  await page.getByRole('button', { name: 'Who am I' }).click();
  const output = page.locator('#me:not(:empty)');
  return JSON.parse((await output.textContent()) ?? '');
}
