import type { Browser } from './browser.ts';
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
