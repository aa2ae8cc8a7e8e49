import { readConfig } from '../../shared/config.ts';
import { dynamoPolicies } from '../../shared/dynamo/policies.ts';
import { dynamoTenantAdmin } from '../../shared/dynamo/tenant-admin.ts';
import { runtime } from '../../shared/parts.ts';
import { type Adoption, adoptEverywhere } from '../../shared/policies/adopt-everywhere.ts';

const base = runtime(readConfig(process.env));
const deps = { ...base, policies: dynamoPolicies(base.table), tenantAdmin: dynamoTenantAdmin(base.table) };

/** Once a day, by schedule. Fails, and is run again by Lambda, where one tenant could not be looked at. */
export async function handler(): Promise<Adoption> {
  const done = await adoptEverywhere(deps);
  base.log.info('policies.done', { ...done });
  if (done.failed > 0) throw new Error(`${done.failed} of ${done.tenants} tenants could not be looked at`);
  return done;
}
