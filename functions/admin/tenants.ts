import * as v from 'valibot';
import type { TenantAdmin } from '../../shared/admin/tenants.ts';
import type { PolicyDeps } from '../../shared/policies/adopt.ts';
import { adminEndpoint, callerOf, DOCUMENT_BYTES } from '../../shared/http/admin-endpoint.ts';
import { parseBody } from '../../shared/http/body.ts';
import type { SecretSealer } from '../../shared/ports.ts';
import { onDemand } from '../../shared/http/on-demand.ts';

const listTenants = onDemand(async () => (await import('../../shared/admin/tenants.ts')).listTenants);
const readTenant = onDemand(async () => (await import('../../shared/admin/tenants.ts')).readTenant);
const removeTenant = onDemand(async () => (await import('../../shared/admin/tenants.ts')).removeTenant);
const writeTenant = onDemand(async () => (await import('../../shared/admin/tenants.ts')).writeTenant);

type Deps = PolicyDeps & { readonly tenantAdmin: TenantAdmin; readonly secretSealer: SecretSealer };

const tenantId = v.string();

/** Tenants as documents. */
export const tenantEndpoints = [
  adminEndpoint('GET /admin/tenants', v.object({}), (_, app: Deps) => listTenants(app)),
  adminEndpoint('GET /admin/tenants/{tenantId}', v.object({ tenantId }), (input, app: Deps) =>
    readTenant(input.tenantId, app),
  ),
  adminEndpoint(
    'PUT /admin/tenants/{tenantId}',
    v.object({ tenantId }),
    (input, app: Deps, request) =>
      writeTenant(input.tenantId, parseBody(request, DOCUMENT_BYTES), app, {
        by: callerOf(request),
        via: 'api',
        reason: 'the whole tenant was written',
      }),
    { maxBytes: DOCUMENT_BYTES },
  ),
  adminEndpoint('DELETE /admin/tenants/{tenantId}', v.object({ tenantId }), (input, app: Deps) =>
    removeTenant(input.tenantId, app),
  ),
];
