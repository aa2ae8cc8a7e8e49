import { isTenantId } from '../account/tenant-id.ts';
import type { Tenant } from '../account/tenant.ts';
import type { Config } from '../config.ts';
import type { TenantStore } from '../ports.ts';
import { invalidClaim, notFound, ProtocolError, tryRefreshToken, unauthorised } from '../protocol-error.ts';
import { type AccessTokenPayload, owedClaim, type TokenDeps, verifyAccessToken } from '../session/access-token.ts';
import { epochOf, isAhead, isOutdated } from '../session/policy-epoch.ts';
import type { Carrier, Session } from '../session/session.ts';
import { accessCookies, bearerOf, cookieValues } from './carrier.ts';
import type { Request, SessionMode } from './endpoint.ts';

type CheckConfig = Pick<Config, 'ANTI_CSRF' | 'PUBLIC_URL'>;
export type SessionDeps = TokenDeps & { readonly config: CheckConfig & Pick<Config, 'COOKIE_PROFILE'> };
/** Customers' handlers do not know the service's profile: they name the cookies they take. */
export type NamedCookies = TokenDeps & { readonly config: CheckConfig; readonly cookieNames: readonly string[] };
export type EdgeDeps = SessionDeps & { readonly tenants: TenantStore };

/**
 * The session a request carries, as far as its endpoint asks for one. Stateless: no table is read.
 *
 * @throws 401 `unauthorised` without one, 401 `try refresh token` with one that is no good any more. @see wire.md §2.8
 */
export async function loadSession(
  mode: SessionMode,
  raw: Readonly<Record<string, unknown>>,
  request: Request,
  deps: SessionDeps,
): Promise<Session | undefined> {
  if (mode === 'none' || (mode === 'flag' && raw['shouldTryLinkingWithSessionUser'] !== true)) return undefined;
  if (mode === 'optional') return optionalSession(request, deps);
  const session = await readSession(request, deps);
  const ofPath = request.params['tenantId'];
  if (ofPath !== undefined && ofPath !== session.tenantId) throw unauthorised();
  return session;
}

/**
 * Lets through a session that has everything done, as far as its endpoint asks for that. Reads nothing for one that has.
 *
 * @throws 403 `st-mfa` or `st-ev`; as `requireCurrentPolicy` for one that may owe nothing any more. @see wire.md §2.8
 */
export async function requireAllDone(
  mode: SessionMode,
  session: Session | undefined,
  request: Request,
  deps: EdgeDeps,
): Promise<void> {
  const owed = mode === 'mfa' && session !== undefined ? owedClaim(session.payload) : undefined;
  if (owed === undefined) return;
  requireCurrentPolicy(session, await tenantOf(request, session, deps), deps);
  throw invalidClaim(owed.id, owed.reason);
}

/** Of the path's own tenant, or none: a link of one tenant is followed while signed in to another. */
async function optionalSession(request: Request, deps: SessionDeps): Promise<Session | undefined> {
  try {
    const session = await readSession(request, deps);
    return session.tenantId === (request.params['tenantId'] ?? 'public') ? session : undefined;
  } catch (error) {
    if (error instanceof ProtocolError && error.body['message'] === 'unauthorised') return undefined;
    throw error;
  }
}

/**
 * The session of a request, by header or cookie, whatever its claims say. What customers' handlers ask as well.
 *
 * @throws 401 as `loadSession` does.
 */
export async function readSession(
  request: Pick<Request, 'method' | 'headers' | 'cookies'>,
  deps: SessionDeps | NamedCookies,
): Promise<Session> {
  const bearer = bearerOf(request);
  if (bearer !== undefined) {
    const payload = await verifyAccessToken(bearer, deps);
    if (payload === 'invalid') throw tryRefreshToken();
    // A bearer value that is not shaped like a token of ours belongs to somebody else: the cookie counts.
    if (payload !== 'malformed') return sessionOf(payload, 'header');
  }
  const cookies =
    'cookieNames' in deps
      ? deps.cookieNames.flatMap((name) => cookieValues(request, name))
      : accessCookies(request, deps.config);
  if (cookies.length > 1) throw tryRefreshToken();
  const payload = cookies[0] === undefined ? 'malformed' : await verifyAccessToken(cookies[0], deps);
  if (payload === 'malformed') throw unauthorised();
  if (payload === 'invalid' || !passesAntiCsrf(payload, request, deps.config)) throw tryRefreshToken();
  return sessionOf(payload, 'cookie');
}

/** Cookies ride along with any request; whoever changes something must also show what only our pages can. @see wire.md §2.9 */
function passesAntiCsrf(
  payload: AccessTokenPayload,
  request: Pick<Request, 'method' | 'headers'>,
  { ANTI_CSRF }: Pick<Config, 'ANTI_CSRF'>,
): boolean {
  if (request.method === 'GET' || ANTI_CSRF === 'NONE') return true;
  if (ANTI_CSRF === 'VIA_CUSTOM_HEADER') return request.headers['rid'] !== undefined;
  return payload.antiCsrfToken !== null && request.headers['anti-csrf'] === payload.antiCsrfToken;
}

const sessionOf = (payload: AccessTokenPayload, carrier: Carrier): Session => ({
  userId: payload.sub,
  recipeUserId: payload.rsub,
  tenantId: payload.tId,
  handle: payload.sessionHandle,
  completed: payload['st-mfa'].c,
  satisfied: payload['st-mfa'].v,
  payload,
  carrier,
});

/**
 * The tenant a request is about: its session's, else its path's, else `public`. Never one from before the session's
 * token was decided: no session falls back to an older policy, whatever a function has in its cache.
 *
 * @throws 404 for an unknown one; MalformedTenant for one that cannot be used.
 */
export async function tenantOf(
  request: Pick<Request, 'params'>,
  session: Session | undefined,
  { tenants, clock }: Pick<EdgeDeps, 'tenants' | 'clock'>,
): Promise<Tenant> {
  const tenantId = session?.tenantId ?? request.params['tenantId'] ?? 'public';
  const tenant = await knownTenant(tenantId, tenants);
  if (session === undefined || !isAhead(session.payload, epochOf(tenant, clock.now()))) return tenant;
  return knownTenant(tenantId, tenants, session.payload.pt);
}

/** @param since one that was read earlier will not do: epoch milliseconds. @throws as `tenantOf` does. */
export async function knownTenant(tenantId: string, tenants: TenantStore, since?: number): Promise<Tenant> {
  const tenant = isTenantId(tenantId) ? await tenants.get(tenantId, since) : undefined;
  if (tenant === undefined) throw notFound('unknown tenant');
  return tenant;
}

/**
 * Sends a session on to its refresh whose tenant asks something else by now that is to reach it at once. Nobody is signed
 * out by it: the refresh asks the new policy, and the request is repeated. Costs no request: the tenant is cached.
 *
 * @throws 401 `try refresh token`. @see isOutdated for why it cannot go round in circles.
 */
export function requireCurrentPolicy(
  session: Session | undefined,
  tenant: Tenant,
  { clock }: Pick<EdgeDeps, 'clock'>,
): void {
  if (session === undefined || !tenant.policy.immediate) return;
  if (isOutdated(session.payload, epochOf(tenant, clock.now()))) throw tryRefreshToken();
}
