import { isTenantId } from '../account/tenant-id.ts';
import type { Config } from '../config.ts';
import type { TenantStore } from '../ports.ts';
import { accessCookies, bearerOf, refreshCookies } from './carrier.ts';
import type { Request } from './endpoint.ts';

export interface CorsDeps {
  readonly config: Pick<Config, 'PUBLIC_URL' | 'COOKIE_PROFILE'>;
  readonly tenants: TenantStore;
}

/**
 * Lets a tenant's own front ends read a reply: the exact origin, with credentials, and nobody else.
 *
 * Done here and not in the gateway, whose list is one for all tenants. Never `*`, never reflected; `null` is no origin.
 */
export async function corsHeaders(
  request: Request,
  sofar: Readonly<Record<string, unknown>>,
  deps: CorsDeps,
): Promise<Readonly<Record<string, string>>> {
  // A preflight has its answer already: it may name its tenant in a path that no parameter tells of.
  if (request.method === 'OPTIONS' || sofar['access-control-allow-origin'] !== undefined) return {};
  const origin = await allowedOrigin(request, deps);
  return {
    vary: 'Origin',
    ...(origin === undefined
      ? {}
      : { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' }),
  };
}

/** @returns the request's origin when each tenant that it is about lists it, or when it is our own. */
export async function allowedOrigin(request: Request, { config, tenants }: CorsDeps): Promise<string | undefined> {
  const { origin } = request.headers;
  if (origin === undefined || origin === 'null') return undefined;
  if (origin === config.PUBLIC_URL) return origin;
  const lists = await Promise.all(tenantIdsOf(request, config).map((tenantId) => originsOf(tenantId, tenants)));
  return lists.every((listed) => listed.includes(origin)) ? origin : undefined;
}

/** Where a tenant is unknown or malformed, `public`'s pages may read the 404 or 503 that says so. */
async function originsOf(tenantId: string, tenants: TenantStore): Promise<readonly string[]> {
  const listed = isTenantId(tenantId) ? await listOf(tenantId, tenants) : undefined;
  return listed ?? (await listOf('public', tenants)) ?? [];
}

async function listOf(tenantId: string, tenants: TenantStore): Promise<readonly string[] | undefined> {
  try {
    return (await tenants.get(tenantId))?.allowedOrigins;
  } catch {
    return undefined;
  }
}

/**
 * Whose list counts: the path's tenant, else those that the tokens in the request name.
 *
 * No token is verified for this. They only choose lists, and the origin must be on every one: a made-up bearer token
 * beside somebody's cookies opens nothing.
 */
function tenantIdsOf(request: Request, config: CorsDeps['config']): readonly string[] {
  const ofPath = request.params['tenantId'];
  if (ofPath !== undefined) return [ofPath];
  const tokens = [bearerOf(request), accessCookies(request, config)[0], refreshCookies(request, config)[0]];
  const named = new Set(tokens.flatMap((token) => (token === undefined ? [] : (tenantOfToken(token) ?? []))));
  return named.size === 0 ? ['public'] : [...named];
}

function tenantOfToken(token: string): string | undefined {
  if (token.startsWith('v1.')) return token.split('.')[3]?.split('_')[1];
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof payload === 'object' && payload !== null && 'tId' in payload && typeof payload.tId === 'string'
      ? payload.tId
      : undefined;
  } catch {
    return undefined;
  }
}
