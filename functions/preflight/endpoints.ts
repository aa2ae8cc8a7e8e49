import { allowedOrigin, type CorsDeps } from '../../shared/http/cors.ts';
import { type Endpoint, ok, perTenant } from '../../shared/http/endpoint.ts';
import { isTenantId } from '../../shared/account/tenant-id.ts';
import { knownTenant } from '../../shared/http/guard.ts';
import type { Clock, TenantStore } from '../../shared/ports.ts';
import { epochOf } from '../../shared/session/policy-epoch.ts';

type EpochDeps = { readonly tenants: TenantStore; readonly clock: Clock };

/** How old the epoch may be that is told: enough to answer a flood of questions by one read of the table. */
const EPOCH_MS = 1_000;

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

/** For handlers of one's own that go by an immediate policy: docs/protecting-your-api.md. Tells nothing of what it says. */
const policyEpoch: Endpoint<EpochDeps> = {
  routes: perTenant('GET', 'mfa/policy-epoch'),
  access: { read: ['tenant'] },
  caller: 'public',
  screen: false,
  handle: async (request, { tenants, clock }) => {
    const now = clock.now();
    const tenant = await knownTenant(request.params['tenantId'] ?? 'public', tenants, now - EPOCH_MS);
    return ok({ status: 'OK', ...epochOf(tenant, now) });
  },
};

export const endpoints = [preflight, policyEpoch];
