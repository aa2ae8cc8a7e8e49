import type { TenantAdmin } from '../admin/tenants.ts';
import { adoptHandEdit, type PolicyDeps } from './adopt.ts';

export interface Adoption {
  readonly tenants: number;
  /** Policies that were edited by hand and are versions now. */
  readonly adopted: number;
  /** Tenants that could not be looked at; each is logged as `policies.failed`. */
  readonly failed: number;
}

const AT_ONCE = 10;

/**
 * Looks at every tenant for a policy that was edited by hand. What fails for one tenant holds up no other.
 *
 * Of tenants that were written by hand only those are known that somebody opened once, with the admin API or the CLI.
 */
export async function adoptEverywhere(
  deps: PolicyDeps & { readonly tenantAdmin: Pick<TenantAdmin, 'list'> },
): Promise<Adoption> {
  const waiting = new Set(['public', ...(await deps.tenantAdmin.list())]);
  const done = { tenants: waiting.size, adopted: 0, failed: 0 };
  const work = async (): Promise<void> => {
    for (const tenantId of waiting) {
      waiting.delete(tenantId);
      try {
        const { adopted } = await adoptHandEdit({ tenantId }, deps);
        if (adopted !== undefined) done.adopted += 1;
      } catch (error) {
        done.failed += 1;
        deps.log.error('policies.failed', { tenantId, error: error instanceof Error ? error.name : 'unknown' });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return done;
}
