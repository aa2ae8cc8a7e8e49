import { parseTenant } from '../account/parse-tenant.ts';
import { isTenantId, MalformedTenant } from '../account/tenant-id.ts';
import type { TenantList } from '../ports.ts';
import { type PolicyDeps, settled } from './adopt.ts';

export interface Adoption {
  readonly tenants: number;
  /** Policies that were edited by hand and are versions now. */
  readonly adopted: number;
  /** Tenants that nobody can sign in to as they are written; each is logged as `tenant.malformed`. */
  readonly malformed: number;
  /** Tenants that could not be looked at; each is logged as `policies.failed`. */
  readonly failed: number;
}

export type AdoptionDeps = PolicyDeps & { readonly tenantList: TenantList };

const AT_ONCE = 10;

/**
 * Looks at every tenant of the list: its policy is a version if it was edited by hand, and it is logged if it is
 * malformed. What fails for one tenant holds up no other.
 */
export const adoptEverywhere = async (deps: AdoptionDeps): Promise<Adoption> =>
  each(['public', ...(await deps.tenantList.list())], (tenantId) => lookAt(tenantId, deps), deps);

/**
 * The same for tenants that somebody just wrote, whether or not anybody ever opened them: each that is there is in the
 * list then. Any number of looks at once leave what one leaves.
 *
 * @param tenantIds as they stand in keys: one that is no id of a tenant is told as malformed.
 */
export const adoptChanged = (tenantIds: readonly string[], deps: AdoptionDeps): Promise<Adoption> =>
  each(
    tenantIds,
    async (tenantId) => {
      if (isTenantId(tenantId) && tenantId !== 'public') await deps.tenantList.enlist(tenantId);
      return lookAt(tenantId, deps);
    },
    deps,
  );

interface Look {
  readonly isAdopted: boolean;
  readonly isMalformed: boolean;
}

async function each(
  tenantIds: readonly string[],
  look: (tenantId: string) => Promise<Look>,
  { log }: Pick<AdoptionDeps, 'log'>,
): Promise<Adoption> {
  const waiting = new Set(tenantIds);
  const done = { tenants: waiting.size, adopted: 0, malformed: 0, failed: 0 };
  const work = async (): Promise<void> => {
    for (const tenantId of waiting) {
      waiting.delete(tenantId);
      try {
        const { isAdopted, isMalformed } = await look(tenantId);
        if (isAdopted) done.adopted += 1;
        if (isMalformed) done.malformed += 1;
      } catch (error) {
        done.failed += 1;
        log.error('policies.failed', { tenantId, error: error instanceof Error ? error.name : 'unknown' });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return done;
}

async function lookAt(tenantId: string, deps: AdoptionDeps): Promise<Look> {
  if (!isTenantId(tenantId)) {
    const malformed = new MalformedTenant(tenantId.slice(0, 64), ['pk: what follows TENANT# is no tenant id']);
    return { isAdopted: false, isMalformed: report(malformed, deps) };
  }
  const { seen, adopted } = await settled(tenantId, deps);
  return { isAdopted: adopted !== undefined, isMalformed: await cannotBeUsed(tenantId, seen.document ?? {}, deps) };
}

async function cannotBeUsed(
  tenantId: string,
  document: Readonly<Record<string, unknown>>,
  deps: Pick<AdoptionDeps, 'log'>,
): Promise<boolean> {
  try {
    await parseTenant(tenantId, document);
    return false;
  } catch (error) {
    if (error instanceof MalformedTenant) return report(error, deps);
    throw error;
  }
}

/** As at the closing of a tenant, so that it rings before anybody is turned away. */
function report({ tenantId, faults }: MalformedTenant, { log }: Pick<AdoptionDeps, 'log'>): true {
  log.error('tenant.malformed', { tenantId, faults });
  return true;
}
