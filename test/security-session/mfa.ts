import type { Browser } from '../support/browser.ts';
import { PASSWORD, type Stepgate } from '../support/stepgate.ts';

/** A tenant that asks everybody for a code by mail. */
export const EVERYBODY = {
  contactMethod: 'EMAIL',
  mfaPolicy: { rules: [{ id: 'all', require: ['otp-email'] }] },
};

/** A tenant that asks nobody. */
export const NOBODY = { mfaPolicy: { rules: [] } };

/** Takes a session that owes a code to its end. */
export async function typeCode(stepgate: Stepgate, page: Browser, email: string) {
  const sent = await page.sendCode({ email });
  return page.consume(sent.body, stepgate.lastCode(email));
}

/** Signs in and types the code that is asked for. */
export async function signInWithCode(stepgate: Stepgate, page: Browser, email: string) {
  await page.signIn(email, PASSWORD);
  return typeCode(stepgate, page, email);
}

/** What is stored of the session a browser holds. */
export async function storedSession(stepgate: Stepgate, page: Browser) {
  const { sub, sessionHandle } = page.claims();
  const stored = await stepgate.app().sessions.get(sub, sessionHandle);
  if (stored === undefined) throw new Error('the session is not stored');
  return stored;
}
