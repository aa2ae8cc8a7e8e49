import type { Browser, Device } from './browser.ts';
import type { Stepgate } from './stepgate.ts';
import { form } from './gateway.ts';
import { everyItem } from './otp.ts';

/** The link of the newest mail to an address, taken apart as the pages do it. */
export function lastLink(stepgate: Stepgate, to: string): { readonly url: URL; readonly token: string } {
  const link = stepgate.lastMessage(to)?.link;
  if (link === undefined) throw new Error(`no link was sent to ${to}`);
  const url = new URL(link);
  return { url, token: url.searchParams.get('token') ?? '' };
}

export const at = (path: string, tenantId?: string): string =>
  tenantId === undefined ? `/auth/${path}` : `/auth/${tenantId}/${path}`;

export const askReset = (page: Browser, email: unknown, tenantId?: string) =>
  page.post(at('user/password/reset/token', tenantId), { formFields: [{ id: 'email', value: email }] });

export const redeemReset = (page: Browser, token: string, password: string, tenantId?: string) =>
  page.post(at('user/password/reset', tenantId), { method: 'token', token, ...form({ password }) });

/** Asks for a link and takes its token out of the mail. */
export async function resetToken(stepgate: Stepgate, email: string, tenantId?: string): Promise<string> {
  const { body } = await askReset(stepgate.browser(), email, tenantId);
  if (body.status !== 'OK') throw new Error(`no link for ${email}: ${JSON.stringify(body)}`);
  return lastLink(stepgate, email).token;
}

/** All events of a user's history. */
export async function auditOf(stepgate: Stepgate, userId: string): Promise<readonly string[]> {
  return (await everyItem(stepgate))
    .filter((item) => String(item['pk']).startsWith(`AUDIT#${userId}#`))
    .map((item) => String(item['event']));
}

export const askVerification = (page: Browser) => page.post('/auth/user/email/verify/token', {});

export const redeemVerification = (page: Browser, token: string, tenantId?: string) =>
  page.post(at('user/email/verify', tenantId), { method: 'token', token });

type Contact = { readonly email: string } | { readonly phoneNumber: string };
const kindOf = (contact: Contact) => ('email' in contact ? 'email' : 'phone');

export const askChange = (page: Browser, contact: Contact) => page.post(`/auth/account/${kindOf(contact)}`, contact);

export const confirmChange = (page: Browser, kind: 'email' | 'phone', device: Device, userInputCode: string) =>
  page.post(`/auth/account/${kind}/confirm`, { ...device, userInputCode });

/** Changes a contact, which must work. */
export async function changeContact(stepgate: Stepgate, page: Browser, contact: Contact): Promise<void> {
  const { body } = await askChange(page, contact);
  if (body.status !== 'OK') throw new Error(`no code for the change: ${JSON.stringify(body)}`);
  const to = 'email' in contact ? contact.email : contact.phoneNumber;
  const { deviceId, preAuthSessionId } = body;
  const code = stepgate.lastCode(to);
  const answer = await confirmChange(page, kindOf(contact), { deviceId, preAuthSessionId }, code);
  if (answer.body.status !== 'OK') throw new Error(`not changed: ${JSON.stringify(answer.body)}`);
}

export const revert = (page: Browser, token: string, tenantId?: string) =>
  page.post(at('account/revert', tenantId), { token });
