import type { App } from '../app.tsx';
import { inOurWords } from '../i18n/service-texts.ts';
import type { Methods } from '../service.ts';
import { noteAttempt } from './attempt.ts';
import { Told } from './told.ts';
import { Passwordless } from '../sdk.ts';

/** Where a code or link may go that begins a session; neither where the tenant has none. */
export const channelsOf = ({ firstFactors }: Methods) => ({
  mail: firstFactors.some((id) => id === 'otp-email' || id === 'link-email'),
  phone: firstFactors.some((id) => id === 'otp-phone' || id === 'link-phone'),
});

/** A phone number as people write it, without what they put between the digits. */
export const plainPhone = (typed: string): string => typed.replaceAll(/[\s()/-]/g, '');

/**
 * Sends what signs in, or up, whoever holds the address.
 *
 * @throws Told with the sentence to show when the service will not send there.
 */
export async function sendFirst(contact: string, { t }: App): Promise<void> {
  const isMail = contact.includes('@');
  const made = await Passwordless.createCode({
    ...(isMail ? { email: contact } : { phoneNumber: contact }),
    shouldTryLinkingWithSessionUser: false,
  });
  if (made.status !== 'OK') throw new Told(inOurWords(made.reason, t));
  await noteAttempt({
    sessionHandle: '',
    factorId: isMail ? 'otp-email' : 'otp-phone',
    shownTo: contact,
    given: contact,
    sentAt: Date.now(),
    hasOthers: false,
  });
}
