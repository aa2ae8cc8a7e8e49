import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { isDeepStrictEqual } from 'node:util';
import { MalformedTenant } from '../account/tenant-id.ts';
import type { Tenant } from '../account/tenant.ts';
import type { Clock, Log, RoleStore, TenantStore } from '../ports.ts';
import { cached } from './cache.ts';
import { roleKey, tenantKey } from './keys.ts';
import { type Item, jsonOf, type Table } from './table-client.ts';

interface CacheOptions {
  readonly clock: Clock;
  readonly cacheSeconds: number;
}

/** What an item says beside its keys, sets as lists. */
export const attributesOf = (item: Item): Item =>
  Object.fromEntries(
    Object.entries(item).flatMap(([name, value]) => (name === 'pk' || name === 'sk' ? [] : [[name, jsonOf(value)]])),
  );

/** A tenant as it was read, beside what it was read from. */
interface Read {
  readonly attributes: Item;
  readonly tenant: Tenant | MalformedTenant;
}

/** An immediate policy is to be known at once: no container goes on with a copy of one for longer. */
const IMMEDIATE_SECONDS = 5;

/**
 * Tenants, kept for as long as they may be stale: `cacheSeconds`, and no longer than 5 where the policy is immediate.
 * Unknown ones are not kept. One that reads as before is not parsed and compiled again.
 *
 * What parses them is read while the first one is fetched: a cold start does without its schemas. A policy that is no
 * recorded version holds all the same, and is logged once as long as it stays: `tenant.policy-edited-by-hand`.
 */
export function dynamoTenants(
  table: Table,
  {
    clock,
    cacheSeconds,
    log,
    onRead,
  }: CacheOptions & {
    readonly log: Log;
    /** Told of every item that was read, before it is parsed. */
    readonly onRead?: ((tenantId: string, item: Item) => void) | undefined;
  },
): TenantStore {
  const atMost = ({ tenant }: Read): number =>
    'policy' in tenant && tenant.policy.immediate ? IMMEDIATE_SECONDS : cacheSeconds;
  const load = cached<Read>({ clock, cacheSeconds, atMost }, async (tenantId, before, readAt) => {
    const [found, { parseTenant }] = await Promise.all([
      table.db.send(new GetCommand({ TableName: table.name, Key: tenantKey(tenantId), ConsistentRead: true })),
      import('../account/parse-tenant.ts'),
    ]);
    if (found.Item === undefined && tenantId !== 'public') return undefined;
    const attributes = attributesOf(found.Item ?? {});
    if (found.Item !== undefined) onRead?.(tenantId, attributes);
    if (before !== undefined && isDeepStrictEqual(attributes, before.attributes)) {
      const { tenant } = before;
      return { attributes, tenant: tenant instanceof MalformedTenant ? tenant : { ...tenant, readAt } };
    }
    try {
      const tenant = await parseTenant(tenantId, attributes, readAt);
      if (isUnrecorded(tenant, attributes)) {
        log.info('tenant.policy-edited-by-hand', { tenantId, policyHash: tenant.policyHash });
      }
      return { attributes, tenant };
    } catch (error) {
      if (error instanceof MalformedTenant) return { attributes, tenant: error };
      throw error;
    }
  });
  return {
    async get(tenantId, since) {
      const tenant = (await load(tenantId, since))?.tenant;
      if (tenant instanceof MalformedTenant) throw tenant;
      return tenant;
    },
  };
}

const isUnrecorded = ({ policyVersion }: Tenant, { mfaPolicy, policyState }: Item): boolean =>
  policyVersion === undefined && (mfaPolicy !== undefined || policyState !== undefined);

export function dynamoRoles(table: Table, options: CacheOptions): RoleStore {
  const load = cached<readonly string[]>(options, async (role) => {
    const found = await table.db.send(new GetCommand({ TableName: table.name, Key: roleKey(role) }));
    const permissions = found.Item?.['permissions'] ?? [];
    const listed = permissions instanceof Set ? [...permissions] : Array.isArray(permissions) ? permissions : [];
    return listed.filter((permission): permission is string => typeof permission === 'string');
  });
  return {
    async permissionsOf(roles) {
      const all = await Promise.all(roles.map((role) => load(role)));
      return [...new Set(all.flatMap((permissions) => permissions ?? []))].toSorted();
    },
  };
}
