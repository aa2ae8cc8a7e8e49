import type { Log } from '../ports.ts';
import type { Item, Table } from './table-client.ts';

/**
 * Enlists a tenant that was written by hand when it is first used, where nobody opened it yet: at most once per tenant
 * and process, and nobody waits for it. One whose policy was recorded is in the list.
 *
 * @returns to be told of every tenant whose item was read.
 */
export function atFirstUse(table: Table, log: Log): (tenantId: string, item: Item) => void {
  const tried = new Set<string>();

  const enlist = async (tenantId: string): Promise<void> => {
    try {
      const { dynamoTenantList } = await import('./tenant-list.ts');
      if (await dynamoTenantList(table).enlist(tenantId)) log.info('tenant.enlisted', { tenantId });
    } catch (error) {
      log.info('tenant.not-enlisted', { tenantId, error: error instanceof Error ? error.name : 'unknown' });
    }
  };

  return (tenantId, { policyState }) => {
    if (policyState !== undefined || tenantId === 'public' || tried.has(tenantId)) return;
    tried.add(tenantId);
    void enlist(tenantId);
  };
}
