import { readSession } from '../http/guard.ts';
import { ProtocolError, tryRefreshToken, unavailable } from '../protocol-error.ts';
import type { Session } from '../session/session.ts';
import type { Caller } from './caller.ts';
import { authenticate, stepUp } from './challenge.ts';
import type { Issuer } from './issuer.ts';
import { KeysOutOfReach } from './key-set.ts';
import { PolicyOutOfReach } from './policy-epochs.ts';
import { faultsOf, policyCheckOf, type Wants } from './wants.ts';

/**
 * The caller's session, if it has what a route wants. Reads no table; the keys are cached, and with
 * `checkPolicy` the tenant's policy epoch.
 *
 * @throws 401 `unauthorised` or `try refresh token`; 403 `invalid claim`, and for a cookie that another site sent; 503 with
 * `Retry-After` when keys are out of reach, or with `checkPolicy` the service. Callers without the SDK get a
 * `WWW-Authenticate` that says what to do. @see wire.md §2.8, RFC 9470
 */
export async function checkSession(caller: Caller, wants: Wants, issuer: Issuer): Promise<Session> {
  const session = await sessionOf(caller, issuer);
  if (session.carrier === 'cookie') refuseOtherSites(caller, issuer);
  if (await isOutdated(session, wants, issuer)) {
    throw new ProtocolError(401, tryRefreshToken().body, { headers: authenticate(caller) });
  }
  const faults = faultsOf(session, wants, issuer.clock.now());
  if (faults.length === 0) return session;
  const body = { message: 'invalid claim', claimValidationErrors: faults };
  throw new ProtocolError(403, body, { headers: stepUp(caller, wants, faults) });
}

async function isOutdated({ payload }: Session, wants: Wants, { epochs }: Issuer): Promise<boolean> {
  const check = policyCheckOf(wants);
  try {
    return check !== undefined && (await epochs.isOutdated(payload, check));
  } catch (error) {
    throw error instanceof PolicyOutOfReach ? unavailable() : error;
  }
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * The service's own rule (`refuseForeign`) without its table: a browser may change something with a cookie only from
 * a listed origin or from the API's own. A caller that says neither `Origin` nor `Sec-Fetch-Site` is no browser.
 */
function refuseOtherSites({ method, headers }: Caller, { origins }: Issuer): void {
  const { origin, 'sec-fetch-site': site } = headers;
  if (SAFE.has(method) || site === 'same-origin') return;
  if (origin === undefined ? site === undefined : origins.has(origin)) return;
  throw new ProtocolError(403, { message: 'this origin is not allowed to send cookies here' });
}

async function sessionOf(caller: Caller, issuer: Issuer): Promise<Session> {
  try {
    return await readSession(caller, issuer);
  } catch (error) {
    if (error instanceof KeysOutOfReach) throw unavailable();
    if (!(error instanceof ProtocolError) || error.status !== 401) throw error;
    throw new ProtocolError(401, error.body, { headers: authenticate(caller) });
  }
}
