import { isGeneralError } from './general-error.ts';
import type { App } from '../app.tsx';
import { inOurWords } from '../i18n/service-texts.ts';
import { go, redirect } from '../router.tsx';
import { type Attempt, noteAttempt, openAttempt, ownHandle } from './attempt.ts';
import { masked } from './masked.ts';
import { Told } from './told.ts';
import { MultiFactorAuth, Passwordless, Session } from '../sdk.ts';

export type MfaInfo = Awaited<ReturnType<typeof MultiFactorAuth.resyncSessionAndFetchMFAInfo>>;

export const readMfaInfo = (): Promise<MfaInfo> => MultiFactorAuth.resyncSessionAndFetchMFAInfo();

/** What may be shown now: what is owed, else what could prove again that it is the same person. */
export function choices(info: MfaInfo): readonly string[] {
  const { next, alreadySetup, allowedToSetup } = info.factors;
  if (next.length > 0) return next;
  // Codes on paper are a way out, not a proof.
  const proofs = alreadySetup.filter((id) => id !== 'emailpassword' && id !== 'backup-code');
  return proofs.length > 0 ? proofs : allowedToSetup.filter((id) => contactOf(id, info) !== undefined);
}

/** Where a code of this factor would go by itself. */
export const contactOf = (factorId: string, info: MfaInfo): string | undefined =>
  (factorId === 'otp-email' ? info.emails : info.phoneNumbers)[factorId]?.[0];

/** Where the session has to go next; only the server's own spelling of `returnTo` is followed. */
export async function proceed(app: App): Promise<void> {
  const claim = await Session.getClaimValue({ claim: MultiFactorAuth.MultiFactorAuthClaim });
  if (claim?.v === true) return finish(app);
  // What nobody can satisfy is told as a general error; anything else may go better the next time.
  const info = await readMfaInfo().catch((error: unknown) => {
    if (isGeneralError(error)) return undefined;
    throw error;
  });
  if (info === undefined) redirect('/denied');
  else if (info.factors.next.length === 0) await finish(app);
  else await offer(info, app);
}

/** Asks for a fresh code before the step, which stays in memory meanwhile. */
export async function proveFirst(step: () => Promise<void>, app: App): Promise<void> {
  app.memory.steps.push(step);
  await offer(await readMfaInfo(), app);
}

async function offer(info: MfaInfo, app: App): Promise<void> {
  const offered = choices(info);
  if (offered.length === 1) await startFactor(offered[0]!, info, app);
  else go('/factors');
}

async function finish({ methods }: App): Promise<void> {
  if (await awaitsVerification()) redirect('/verify-email');
  else if (methods.returnTo === undefined) redirect('/settings');
  else location.assign(methods.returnTo);
}

/** Everything is shown but that the address is one's own, and the tenant lets nobody on without. */
async function awaitsVerification(): Promise<boolean> {
  const payload: { readonly aud?: unknown; readonly 'st-ev'?: { readonly v?: boolean } } =
    await Session.getAccessTokenPayloadSecurely();
  return payload['st-ev']?.v === false && String(payload.aud).endsWith('/mfa-pending');
}

/**
 * Sends a code for the factor, asks for a contact when none is known, or for the code that the person has. A code that this session waits for already is
 * not sent again.
 *
 * @throws Error with the sentence to show when the service will not send there.
 */
export async function startFactor(factorId: string, info: MfaInfo, app: App, given?: string): Promise<void> {
  if (factorId === 'totp') return go(info.factors.alreadySetup.includes('totp') ? '/app-code' : '/app');
  if (factorId === 'backup-code') return go('/backup-code');
  const contact = given ?? contactOf(factorId, info);
  if (contact === undefined) return go('/enrol', { factor: factorId });
  const shownTo = given ?? masked(factorId, contact);
  const open = await openAttempt();
  if (open?.factorId === factorId && open.shownTo === shownTo) return go('/code');
  const told = { factorId, shownTo, hasOthers: choices(info).length > 1, ...(given === undefined ? {} : { given }) };
  await sendCode(contact, told, app);
  go('/code');
}

async function sendCode(
  contact: string,
  told: Pick<Attempt, 'factorId' | 'shownTo' | 'hasOthers' | 'given'>,
  { t }: App,
): Promise<void> {
  const made = await Passwordless.createCode({
    ...(told.factorId === 'otp-email' ? { email: contact } : { phoneNumber: contact }),
    shouldTryLinkingWithSessionUser: true,
  });
  if (made.status !== 'OK') throw new Told(inOurWords(made.reason, t));
  await noteAttempt({ ...told, sessionHandle: await ownHandle(), sentAt: Date.now() });
}
