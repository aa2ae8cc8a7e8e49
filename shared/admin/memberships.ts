import { isTenantId } from '../account/tenant-id.ts';
import type { Tenant } from '../account/tenant.ts';
import type { LoginMethod } from '../account/user.ts';
import type { Provider } from '../third-party/presets.ts';
import type { TenantStore } from '../ports.ts';
import { badRequest, notFound, unavailable } from '../protocol-error.ts';
import { getUser, mustLoad, record, type UserAdminDeps } from './users.ts';

interface Membership {
  readonly userId: string;
  readonly tenantId: string;
}

/**
 * Makes a user a member of one tenant more, with every login method that means the same person there. Repeating it
 * takes up what was linked since.
 *
 * @throws 400 when a contact of the user is somebody else's there; 404 for an unknown user or tenant.
 */
export async function joinTenant(
  { userId, tenantId }: Membership,
  deps: UserAdminDeps & { readonly tenants: TenantStore },
) {
  const user = await mustLoad(userId, deps);
  if (!isTenantId(tenantId)) throw badRequest('not a tenant id');
  const tenant = await deps.tenants.get(tenantId);
  if (tenant === undefined) throw notFound('unknown tenant');
  const usable = await Promise.all(user.loginMethods.map((method) => meansTheSame(method, tenant, deps)));
  const methods = user.loginMethods.filter((_, i) => usable[i]);
  if (methods.length === 0) throw badRequest('no login method of the user means the same in this tenant');
  const isThere = [user, ...methods].every(({ tenantIds }) => tenantIds.includes(tenantId));
  if (isThere) return getUser(userId, deps);
  const outcome = await deps.userAdmin.join(user, methods, tenantId, deps.clock.now());
  if (outcome === 'TAKEN') throw badRequest('a contact of the user belongs to another user of this tenant');
  if (outcome === 'CHANGED') throw unavailable('user or tenant was changed meanwhile, please try again');
  await record(userId, user, 'admin.tenant-joined', { tenantId }, deps);
  return getUser(userId, deps);
}

/**
 * An address is itself everywhere. Who a provider speaks of depends on which one it is: under one id two tenants may
 * have different ones, whose subjects are different people.
 */
async function meansTheSame(
  { thirdParty, tenantIds: [origin] }: LoginMethod,
  tenant: Tenant,
  { tenants }: { readonly tenants: TenantStore },
): Promise<boolean> {
  if (thirdParty === undefined) return true;
  const from = origin === undefined ? undefined : await tenants.get(origin);
  const [here, there] = [from, tenant].map((one) =>
    one?.providers.find(({ thirdPartyId }) => thirdPartyId === thirdParty.id),
  );
  return here !== undefined && there !== undefined && identityOf(here) === identityOf(there);
}

/** What decides whom a subject names; some providers give each client its own subjects. */
const identityOf = ({ preset, issuer, acceptedIssuers, clientId, endpoints, claims }: Provider): string =>
  JSON.stringify([preset, issuer, acceptedIssuers, clientId, endpoints, claims]);

/**
 * Takes a user off a tenant, with roles and devices there. Sessions of that tenant end at their next refresh.
 *
 * @throws 400 for the only tenant of a user; 404 for an unknown user.
 */
export async function leaveTenant({ userId, tenantId }: Membership, deps: UserAdminDeps) {
  const user = await mustLoad(userId, deps);
  if (!isTenantId(tenantId)) throw badRequest('not a tenant id');
  if (!user.tenantIds.includes(tenantId)) return getUser(userId, deps);
  if (user.tenantIds.length === 1) throw badRequest('a user is a member of one tenant at least');
  if (!(await deps.userAdmin.leave(user, tenantId))) {
    throw unavailable('the user was changed meanwhile, please try again');
  }
  await record(userId, user, 'admin.tenant-left', { tenantId }, deps);
  return getUser(userId, deps);
}
