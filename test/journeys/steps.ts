import type { Answer, Browser } from '../support/browser.ts';
import { PASSWORD, type Stepgate } from '../support/stepgate.ts';

export type Contact = { readonly email: string } | { readonly phoneNumber: string };

/** Asks for a code to a contact and types in what arrived there. @returns the answer to the typing. */
export async function passCode(stepgate: Stepgate, page: Browser, contact: Contact): Promise<Answer> {
  const sent = await page.sendCode(contact);
  if (sent.body?.status !== 'OK') throw new Error(`no code was sent: ${sent.status} ${JSON.stringify(sent.body)}`);
  return page.consume(sent.body, stepgate.lastCode('email' in contact ? contact.email : contact.phoneNumber));
}

/** Signs in and passes a code sent to the account's own e-mail. */
export async function signInWithCode(stepgate: Stepgate, page: Browser, email: string): Promise<void> {
  await page.signIn(email, PASSWORD);
  const passed = await passCode(stepgate, page, { email });
  if (passed.body?.status !== 'OK') throw new Error(`${email} is not in: ${JSON.stringify(passed.body)}`);
}

export const INVALID_CLAIM = {
  message: 'invalid claim',
  claimValidationErrors: [{ id: 'st-mfa', reason: { message: 'MFA requirement for auth is not satisfied' } }],
};
