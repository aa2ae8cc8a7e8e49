import { bearerOf } from '../http/carrier.ts';
import type { Caller } from './caller.ts';
import type { ClaimFault, Wants } from './wants.ts';

/** `acr` of a session that completed more than its first factor. */
export const ACR_MFA = 'urn:stepgate:mfa';

/** The SDKs read bodies and name themselves by these headers; everybody else is told in OAuth's words. */
const hasSdk = ({ headers }: Caller): boolean => headers['st-auth-mode'] !== undefined || headers['rid'] !== undefined;

const challenge = (...parts: readonly string[]) => ({ 'www-authenticate': `Bearer ${parts.join(', ')}` });

/** For a 401. A caller that showed no token is told no error. @see RFC 6750 §3.1 */
export function authenticate(caller: Caller): Readonly<Record<string, string>> {
  if (hasSdk(caller)) return {};
  return bearerOf(caller) === undefined
    ? challenge('realm="stepgate"')
    : challenge('realm="stepgate"', 'error="invalid_token"');
}

/** For a 403 to a bearer: what a new sign-in would have to have. @see RFC 9470 §3, RFC 6750 §3.1 */
export function stepUp(caller: Caller, wants: Wants, faults: readonly ClaimFault[]): Readonly<Record<string, string>> {
  if (hasSdk(caller) || bearerOf(caller) === undefined) return {};
  if (faults.every(({ id }) => id !== 'st-mfa')) return challenge('realm="stepgate"', 'error="insufficient_scope"');
  return challenge(
    'error="insufficient_user_authentication"',
    'error_description="a second factor is asked for"',
    `acr_values="${ACR_MFA}"`,
    ...(wants.maxAge === undefined ? [] : [`max_age="${wants.maxAge}"`]),
  );
}
