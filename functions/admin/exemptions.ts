import * as v from 'valibot';
import type { UserAdminDeps } from '../../shared/admin/users.ts';
import { isUserId } from '../../shared/dynamo/keys.ts';
import { adminEndpoint, callerOf } from '../../shared/http/admin-endpoint.ts';
import { onDemand } from '../../shared/http/on-demand.ts';
import { momentOf } from '../../shared/mfa/moment.ts';

const endExemption = onDemand(async () => (await import('../../shared/admin/exemptions.ts')).endExemption);
const exempt = onDemand(async () => (await import('../../shared/admin/exemptions.ts')).exempt);

const path = {
  userId: v.pipe(v.string(), v.check(isUserId)),
  tenantId: v.string(),
};

const WHEN = 'must be a date (2027-01-31), a time with its offset (2027-01-31T08:00:00Z), or epoch milliseconds';

/** Epoch milliseconds, as they are or as ISO 8601 has them. */
const moment = v.union(
  [v.pipe(v.number(), v.safeInteger()), v.pipe(v.string(), v.transform(momentOf), v.number())],
  WHEN,
);

const reason = v.pipe(v.string(), v.trim(), v.minLength(1, 'is empty'), v.maxLength(500));

/** Who need not do what a tenant's policy asks, for how long, and why. */
export const exemptionEndpoints = [
  adminEndpoint(
    'PUT /admin/users/{userId}/exemptions/{tenantId}',
    v.strictObject({ ...path, until: moment, reason }),
    ({ userId, tenantId, ...given }, app: UserAdminDeps, request) =>
      exempt({ userId, tenantId, exemption: { ...given, by: callerOf(request) } }, app),
  ),
  adminEndpoint(
    'DELETE /admin/users/{userId}/exemptions/{tenantId}',
    v.object(path),
    (input, app: UserAdminDeps, request) => endExemption({ ...input, by: callerOf(request) }, app),
  ),
];
