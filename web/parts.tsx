import Session from 'supertokens-web-js/recipe/session';
import { go } from './flow.ts';
import { t } from './messages.ts';

export const SignOut = () => (
  <button class="link" onClick={() => void Session.signOut().finally(() => go('/'))}>
    {t.signOut}
  </button>
);

export const factorName = (id: string): string => ({ 'otp-email': t.mail, 'otp-phone': t.sms })[id] ?? id;

/** The service is of our own origin and version: its replies are taken at their word. */
export async function readJson<Reply>(response: Response): Promise<Reply> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return (await response.json()) as Reply;
}
