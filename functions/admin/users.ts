import * as v from 'valibot';
import type { UserAdmin } from '../../shared/admin/users.ts';
import { isRole, isUserId } from '../../shared/dynamo/keys.ts';
import { adminEndpoint } from '../../shared/http/admin-endpoint.ts';
import { parseBody } from '../../shared/http/body.ts';
import { parseInput } from '../../shared/http/input.ts';
import type { NoticeDeps } from '../../shared/notices/notify.ts';
import type {
  AuditStore,
  Clock,
  DeviceStore,
  LinkStore,
  SessionStore,
  UserStore,
  TenantStore,
} from '../../shared/ports.ts';
import { onDemand } from '../../shared/http/on-demand.ts';

const resetFactors = onDemand(async () => (await import('../../shared/admin/reset-factors.ts')).resetFactors);
const findUsers = onDemand(async () => (await import('../../shared/admin/users.ts')).findUsers);
const forgetDevices = onDemand(async () => (await import('../../shared/admin/users.ts')).forgetDevices);
const getUser = onDemand(async () => (await import('../../shared/admin/users.ts')).getUser);
const patchUser = onDemand(async () => (await import('../../shared/admin/users.ts')).patchUser);
const removeUser = onDemand(async () => (await import('../../shared/admin/users.ts')).removeUser);
const setFactor = onDemand(async () => (await import('../../shared/admin/users.ts')).setFactor);
const setRole = onDemand(async () => (await import('../../shared/admin/users.ts')).setRole);
const joinTenant = onDemand(async () => (await import('../../shared/admin/memberships.ts')).joinTenant);
const leaveTenant = onDemand(async () => (await import('../../shared/admin/memberships.ts')).leaveTenant);
const endSessions = onDemand(async () => (await import('../../shared/admin/sessions.ts')).endSessions);
const userSessions = onDemand(async () => (await import('../../shared/admin/sessions.ts')).userSessions);
const linkUsers = onDemand(async () => (await import('../../shared/admin/links.ts')).linkUsers);
const unlinkMethod = onDemand(async () => (await import('../../shared/admin/links.ts')).unlinkMethod);

type Deps = NoticeDeps & {
  readonly tenants: TenantStore;
  readonly userAdmin: UserAdmin;
  readonly users: UserStore;
  readonly links: LinkStore;
  readonly devices: DeviceStore;
  readonly sessions: SessionStore;
  readonly audit: AuditStore;
  readonly clock: Clock;
};

const userId = v.pipe(v.string(), v.check(isUserId));
const tenantId = v.string();
const metadataKey = v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/), v.notValue('__proto__'));

/** Users, and what hangs on them: tenants, roles, factors, devices, links. */
export const userEndpoints = [
  adminEndpoint(
    'GET /admin/users',
    v.object({
      tenantId: v.optional(tenantId, 'public'),
      email: v.exactOptional(v.string()),
      phone: v.exactOptional(v.string()),
      thirdParty: v.exactOptional(v.pipe(v.string(), v.maxLength(600))),
      limit: v.optional(v.pipe(v.string(), v.regex(/^\d{1,4}$/), v.transform(Number), v.minValue(1)), '50'),
      cursor: v.exactOptional(v.pipe(v.string(), v.maxLength(400))),
    }),
    (input, app: Deps) => findUsers(input, app),
  ),
  adminEndpoint('GET /admin/users/{userId}', v.object({ userId }), (input, app: Deps) => getUser(input.userId, app)),
  adminEndpoint(
    'PATCH /admin/users/{userId}',
    v.strictObject({
      userId,
      metadata: v.optional(v.pipe(v.record(metadataKey, v.unknown()), v.maxEntries(50))),
      status: v.optional(v.picklist(['active', 'disabled'])),
      owedFactors: v.optional(v.null()),
    }),
    ({ userId: id, ...patch }, app: Deps) => patchUser(id, patch, app),
  ),
  adminEndpoint('DELETE /admin/users/{userId}', v.object({ userId }), (input, app: Deps) =>
    removeUser(input.userId, app),
  ),
  adminEndpoint('POST /admin/users/{userId}/link', v.object({ userId }), (input, app: Deps, request) =>
    linkUsers({ ...input, from: parseInput(v.strictObject({ userId }), parseBody(request)).userId }, app),
  ),
  adminEndpoint(
    'DELETE /admin/users/{userId}/login-methods/{recipeUserId}',
    v.object({ userId, recipeUserId: userId }),
    (input, app: Deps) => unlinkMethod(input, app),
  ),
  adminEndpoint('DELETE /admin/users/{userId}/devices', v.object({ userId }), (input, app: Deps) =>
    forgetDevices(input.userId, app),
  ),
  adminEndpoint('GET /admin/users/{userId}/sessions', v.object({ userId }), (input, app: Deps) =>
    userSessions(input.userId, app),
  ),
  adminEndpoint('DELETE /admin/users/{userId}/sessions', v.object({ userId }), (input, app: Deps) =>
    endSessions(input.userId, app),
  ),
  adminEndpoint('POST /admin/users/{userId}/factors/reset', v.object({ userId }), (input, app: Deps) =>
    resetFactors(input.userId, app),
  ),

  adminEndpoint('PUT /admin/users/{userId}/tenants/{tenantId}', v.object({ userId, tenantId }), (input, app: Deps) =>
    joinTenant(input, app),
  ),
  adminEndpoint('DELETE /admin/users/{userId}/tenants/{tenantId}', v.object({ userId, tenantId }), (input, app: Deps) =>
    leaveTenant(input, app),
  ),

  ...(
    [
      ['PUT', true],
      ['DELETE', false],
    ] as const
  ).flatMap(([method, on]) => [
    adminEndpoint(
      `${method} /admin/users/{userId}/roles/{tenantId}/{role}`,
      v.object({ userId, tenantId, role: v.pipe(v.string(), v.check(isRole)) }),
      (input, app: Deps) => setRole({ ...input, granted: on }, app),
    ),
    adminEndpoint(
      `${method} /admin/users/{userId}/factors/{factorId}`,
      v.object({ userId, factorId: v.string() }),
      (input, app: Deps) => setFactor({ ...input, required: on }, app),
    ),
  ]),
];
