import { allowedOrigin, type CorsDeps } from '../../shared/http/cors.ts';
import { type Endpoint, ok, perTenant } from '../../shared/http/endpoint.ts';
import { isTenantId } from '../../shared/account/tenant-id.ts';
import type { Config } from '../../shared/config.ts';
import { tenantOf } from '../../shared/http/guard.ts';
import type { Clock, TenantStore } from '../../shared/ports.ts';
import { epochOf } from '../../shared/session/policy-epoch.ts';

type EpochDeps = {
  readonly tenants: TenantStore;
  readonly clock: Clock;
  readonly config: Pick<Config, 'TENANT_CACHE_SECONDS'>;
};

/** Seconds that caches on the way may keep the answer. */
const EPOCH_MAX_AGE = 5;

/** What a front end may send; nothing of it is granted to an origin the tenant does not list. */
const ALLOWED = {
  'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
  'access-control-allow-headers': 'content-type, rid, fdi-version, anti-csrf, authorization, st-auth-mode, st-device',
  'access-control-max-age': '600',
};

const preflight: Endpoint<CorsDeps> = {
  routes: ['OPTIONS /{proxy+}'],
  access: { read: ['tenant'] },
  caller: 'public',
  screen: false,
  handle: async (request, app) => {
    const origin = await allowedOrigin({ ...request, params: tenantInPath(request.params['proxy'] ?? '') }, app);
    return {
      status: 204,
      body: undefined,
      headers:
        origin === undefined
          ? { vary: 'Origin' }
          : {
              ...ALLOWED,
              vary: 'Origin',
              'access-control-allow-origin': origin,
              'access-control-allow-credentials': 'true',
            },
    };
  },
};

/**
 * `auth/acme/signin` names a tenant, `auth/signin` does not: reserved words are no tenant ids.
 *
 * @param path what the route's `{proxy+}` took: without the stage that may stand in front of it.
 */
function tenantInPath(path: string): Readonly<Record<string, string>> {
  const segment = /^auth\/([^/]+)\/./.exec(path)?.[1];
  return segment !== undefined && isTenantId(segment) ? { tenantId: segment } : {};
}

/** For handlers of one's own that go by an immediate policy: see docs/protecting-your-api.md. Tells nothing of what it says. */
const policyEpoch: Endpoint<EpochDeps> = {
  routes: perTenant('GET', 'mfa/policy-epoch'),
  access: { read: ['tenant'] },
  caller: 'public',
  screen: false,
  handle: async (request, { tenants, clock, config }) => {
    const tenant = await tenantOf(request, undefined, { tenants });
    const epoch = epochOf(tenant, { now: clock.now(), cacheSeconds: config.TENANT_CACHE_SECONDS });
    return ok({ status: 'OK', ...epoch }, { headers: { 'cache-control': `public, max-age=${EPOCH_MAX_AGE}` } });
  },
};

export const endpoints = [preflight, policyEpoch];
