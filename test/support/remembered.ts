import type { RememberedDevice } from '../../shared/trusted-devices/device.ts';
import type { Answer, Browser } from './browser.ts';
import { codeSent } from './otp.ts';
import { PASSWORD, type Stepgate } from './stepgate.ts';

export const DAY = 86_400_000;
export const MINUTE = 60_000;

/** Everybody is asked for a code by mail, and may ask not to be asked again for a week. */
export const REMEMBERING = {
  rememberDevice: { days: 7 },
  mfaPolicy: { rules: [{ id: 'everybody', require: ['otp-email'] }] },
};

/** Types in a code from the mail, in a session that wants one. @param extra more of the request's body. */
export async function typeCode(
  stepgate: Stepgate,
  page: Browser,
  email: string,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  const device = await codeSent(page, { email });
  const answer = await page.consume(device, stepgate.lastCode(email), extra);
  if (answer.body.status !== 'OK') throw new Error(`the code was refused: ${JSON.stringify(answer.body)}`);
  return answer;
}

/** Signs in with password and code, and asks not to be asked again. */
export async function rememberMe(stepgate: Stepgate, page: Browser, email: string): Promise<void> {
  await page.signIn(email, PASSWORD);
  await typeCode(stepgate, page, email, { rememberDevice: true });
}

/** Signs in with the password. @returns whether nothing more is asked. */
export async function isLetIn(page: Browser, email: string): Promise<boolean> {
  const { body } = await page.signIn(email, PASSWORD);
  if (body.status !== 'OK') throw new Error(`${email} could not sign in: ${JSON.stringify(body)}`);
  return page.claims()['st-mfa'].v;
}

export const storedDevices = async (stepgate: Stepgate, userId: string): Promise<readonly RememberedDevice[]> =>
  (await stepgate.app().users.load(userId))?.devices ?? [];
