import { GetCommand } from '@aws-sdk/lib-dynamodb';
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

/**
 * Tenants, parsed and compiled once per read, kept for as long as they may be stale. Unknown ones are not kept.
 *
 * What parses them is read while the first one is fetched: a cold start does without its schemas. A policy that is no
 * recorded version holds all the same, and is logged once per read: `tenant.policy-edited-by-hand`.
 */
export function dynamoTenants(
  table: Table,
  options: CacheOptions & {
    readonly log: Log;
    /** Told of every item that was read, before it is parsed. */
    readonly onRead?: ((tenantId: string, item: Item) => void) | undefined;
  },
): TenantStore {
  const load = cached<Tenant | MalformedTenant>(options, async (tenantId) => {
    const [found, { parseTenant }] = await Promise.all([
      table.db.send(new GetCommand({ TableName: table.name, Key: tenantKey(tenantId), ConsistentRead: true })),
      import('../account/parse-tenant.ts'),
    ]);
    if (found.Item === undefined) return tenantId === 'public' ? parseTenant('public', {}) : undefined;
    const attributes = attributesOf(found.Item);
    options.onRead?.(tenantId, attributes);
    try {
      const tenant = await parseTenant(tenantId, attributes);
      const { mfaPolicy, policyState } = attributes;
      const isRecorded = tenant.policyVersion !== undefined || (mfaPolicy === undefined && policyState === undefined);
      if (!isRecorded) {
        options.log.info('tenant.policy-edited-by-hand', { tenantId, policyHash: tenant.policyHash });
      }
      return tenant;
    } catch (error) {
      if (error instanceof MalformedTenant) return error;
      throw error;
    }
  });
  return {
    async get(tenantId) {
      const tenant = await load(tenantId);
      if (tenant instanceof MalformedTenant) throw tenant;
      return tenant;
    },
  };
}

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
