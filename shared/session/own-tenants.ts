import { MalformedTenant } from '../account/tenant-id.ts';
import type { Tenant } from '../account/tenant.ts';
import type { TenantStore } from '../ports.ts';
import { type ContextDeps, sessionContext } from './context.ts';
import type { Client } from './client.ts';
import type { Session } from './session.ts';

/** The tenants the session's user is a member of, without those that cannot be used at present. */
export async function ownTenants(
  about: { readonly session: Session; readonly tenant: Tenant; readonly client: Client },
  deps: ContextDeps & { readonly tenants: TenantStore },
) {
  const { user } = await sessionContext(about, deps);
  const found = await Promise.all(user.tenantIds.map((tenantId) => usable(tenantId, deps)));
  return {
    status: 'OK' as const,
    tenants: found
      .filter((tenant) => tenant !== undefined)
      .map(({ tenantId, name }) => ({ tenantId, name, current: tenantId === about.session.tenantId })),
  };
}

async function usable(tenantId: string, { tenants }: { readonly tenants: TenantStore }): Promise<Tenant | undefined> {
  try {
    return await tenants.get(tenantId);
  } catch (error) {
    if (error instanceof MalformedTenant) return undefined;
    throw error;
  }
}
