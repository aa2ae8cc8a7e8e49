import { readConfig } from '../../shared/config.ts';
import { dynamoPolicies } from '../../shared/dynamo/policies.ts';
import { changedTenants } from '../../shared/dynamo/tenant-changes.ts';
import { dynamoTenantList } from '../../shared/dynamo/tenant-list.ts';
import { runtime } from '../../shared/parts.ts';
import { adoptChanged, adoptEverywhere, type Adoption } from '../../shared/policies/adopt-everywhere.ts';

const base = runtime(readConfig(process.env));
const deps = { ...base, policies: dynamoPolicies(base.table), tenantList: dynamoTenantList(base.table) };

/**
 * Of the tenants that the table's stream tells of, within seconds of a change; of every tenant once a day, by schedule.
 *
 * Fails, and is run again by Lambda, where one tenant could not be looked at: it does no harm to the others.
 */
export async function handler(event?: unknown): Promise<Adoption> {
  const changed = changedTenants(event);
  const done = await (changed === undefined ? adoptEverywhere(deps) : adoptChanged(changed, deps));
  base.log.info('policies.done', { ...done, because: changed === undefined ? 'schedule' : 'change' });
  if (done.failed > 0) throw new Error(`${done.failed} of ${done.tenants} tenants could not be looked at`);
  return done;
}
