import MultiFactorAuth from 'supertokens-web-js/recipe/multifactorauth';
import Passwordless from 'supertokens-web-js/recipe/passwordless';
import Session from 'supertokens-web-js/recipe/session';
import STGeneralError from 'supertokens-web-js/utils/error';

export interface Methods {
  readonly returnTo?: string;
  readonly branding?: { readonly name?: string; readonly logoUrl?: string };
  readonly signUpFields: readonly { readonly id: string; readonly label?: string; readonly optional?: boolean }[];
  readonly passwordMinLength: number;
  readonly otpDigits: number;
  readonly resendSeconds: number;
}

/** Leaves for another page; tenant, language and return address stay in the query. */
export function go(path: string, extra: Readonly<Record<string, string>> = {}): void {
  const from = new URLSearchParams(location.search);
  const query = new URLSearchParams(extra);
  for (const name of ['tenantId', 'lang', 'returnTo']) {
    const value = from.get(name);
    if (value !== null) query.set(name, value);
  }
  location.assign(query.size === 0 ? path : `${path}?${query}`);
}

const mfaInfo = () => MultiFactorAuth.resyncSessionAndFetchMFAInfo();

/** Where the session has to go next; only the server's own spelling of `returnTo` is followed. */
export async function proceed(methods: Methods): Promise<void> {
  const claim = await Session.getClaimValue({ claim: MultiFactorAuth.MultiFactorAuthClaim });
  if (claim?.v === true) {
    if (methods.returnTo === undefined) go('/settings');
    else location.assign(methods.returnTo);
    return;
  }
  // What nobody can satisfy is told as a general error; anything else may go better the next time.
  const next = await nextFactors().catch((error: unknown) => {
    if (STGeneralError.isThisError(error)) return undefined;
    throw error;
  });
  if (next === undefined) go('/denied');
  else if (next.length === 1) await startFactor(next[0]!);
  else go(next.length === 0 ? '/settings' : '/factors');
}

export const nextFactors = async (): Promise<readonly string[]> => (await mfaInfo()).factors.next;

/** Sends a code for the factor, or asks for a contact when none is known. */
export async function startFactor(factor: string, given?: string): Promise<void> {
  const info = await mfaInfo();
  const isMail = factor === 'otp-email';
  const contact = given ?? (isMail ? info.emails : info.phoneNumbers)[factor]?.[0];
  if (contact === undefined) return go('/enrol', { factor });
  const made = await Passwordless.createCode({
    ...(isMail ? { email: contact } : { phoneNumber: contact }),
    shouldTryLinkingWithSessionUser: true,
  });
  if (made.status !== 'OK') throw new Error(made.reason);
  go('/code', { factor });
}
