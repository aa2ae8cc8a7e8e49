import type { User } from '../account/user.ts';
import { MalformedTenant } from '../account/tenant-id.ts';
import type { TenantStore } from '../ports.ts';
import { patiently } from './patiently.ts';
import { LineFault } from './record.ts';

export interface TenantContext {
  readonly tenants: TenantStore;
  /** What each tenant offers as a second factor; undefined for one that does not exist. */
  readonly known: Map<string, Promise<readonly string[] | undefined>>;
}

/** @throws LineFault for a tenant that does not exist or cannot be used. */
export async function tenantNotes(user: User, context: TenantContext): Promise<readonly string[]> {
  const named = [...user.tenantIds, ...Object.keys(user.roles), ...Object.keys(user.exemptions ?? {})];
  const offered = new Set<string>();
  for (const tenantId of new Set(named)) {
    const factors = await factorsOf(tenantId, context);
    if (factors === undefined) throw new LineFault(`tenantIds: there is no tenant ${tenantId}`);
    for (const factor of factors) offered.add(factor);
  }
  return user.requiredFactors
    .filter((factor) => !offered.has(factor))
    .map((factor) => `requiredFactors: ${factor} is offered by none of the user's tenants`);
}

function factorsOf(tenantId: string, context: TenantContext): Promise<readonly string[] | undefined> {
  const offered = context.known.get(tenantId) ?? load(tenantId, context);
  context.known.set(tenantId, offered);
  return offered;
}

async function load(tenantId: string, { tenants }: TenantContext): Promise<readonly string[] | undefined> {
  try {
    return (await patiently(() => tenants.get(tenantId)))?.secondFactors;
  } catch (error) {
    if (error instanceof MalformedTenant) throw new LineFault(`tenantIds: tenant ${tenantId} is malformed`);
    throw error;
  }
}
