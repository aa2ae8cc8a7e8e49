import { isTenantId } from '../account/tenant-id.ts';
import type { Tenant } from '../account/tenant.ts';
import type { Config } from '../config.ts';
import type { TenantStore } from '../ports.ts';
import { invalidClaim, notFound, ProtocolError, tryRefreshToken, unauthorised } from '../protocol-error.ts';
import { type AccessTokenPayload, owedClaim, type TokenDeps, verifyAccessToken } from '../session/access-token.ts';
import { epochOf, isOutdated } from '../session/policy-epoch.ts';
import type { Carrier, Session } from '../session/session.ts';
import { accessCookies, bearerOf, cookieValues } from './carrier.ts';
import type { Request, SessionMode } from './endpoint.ts';

type CheckConfig = Pick<Config, 'ANTI_CSRF' | 'PUBLIC_URL'>;
export type SessionDeps = TokenDeps & { readonly config: CheckConfig & Pick<Config, 'COOKIE_PROFILE'> };
/** Customers' handlers do not know the service's profile: they name the cookies they take. */
export type NamedCookies = TokenDeps & { readonly config: CheckConfig; readonly cookieNames: readonly string[] };
export type EdgeDeps = SessionDeps & {
  readonly config: Pick<Config, 'TENANT_CACHE_SECONDS'>;
  readonly tenants: TenantStore;
};

/**
 * The session a request carries, as far as its endpoint asks for one. Stateless: no table is read.
 *
 * @throws 401 `unauthorised` without one, 401 `try refresh token` with one that is no good any more, 403 `st-mfa` or
 * `st-ev` when the endpoint wants everything done and it is not. @see wire.md §2.8
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
  const owed = mode === 'mfa' ? owedClaim(session.payload) : undefined;
  if (owed !== undefined) throw invalidClaim(owed.id, owed.reason);
  return session;
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
 * The tenant a request is about: its session's, else its path's, else `public`.
 *
 * @throws 404 for an unknown one; MalformedTenant for one that cannot be used.
 */
export async function tenantOf(
  request: Request,
  session: Session | undefined,
  { tenants }: Pick<EdgeDeps, 'tenants'>,
): Promise<Tenant> {
  const tenantId = session?.tenantId ?? request.params['tenantId'] ?? 'public';
  const tenant = isTenantId(tenantId) ? await tenants.get(tenantId) : undefined;
  if (tenant === undefined) throw notFound('unknown tenant');
  return tenant;
}

/**
 * Sends a session on to its refresh whose tenant has another policy by now that is to reach it at once. Nobody is signed
 * out by it: the refresh asks the new policy, and the request is repeated. Costs no request: the tenant is cached.
 *
 * @throws 401 `try refresh token`. @see isOutdated for why it cannot go round in circles.
 */
export function requireCurrentPolicy(
  session: Session | undefined,
  tenant: Tenant,
  { config, clock }: Pick<EdgeDeps, 'config' | 'clock'>,
): void {
  if (session === undefined || !tenant.policy.immediate) return;
  const now = clock.now();
  const epoch = epochOf(tenant, { now, cacheSeconds: config.TENANT_CACHE_SECONDS });
  if (isOutdated(session.payload, epoch, now)) throw tryRefreshToken();
}
