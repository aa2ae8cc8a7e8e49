import * as v from 'valibot';
import type { UserAdmin } from '../../shared/admin/users.ts';
import { isUserId } from '../../shared/dynamo/keys.ts';
import { isTenantId } from '../../shared/account/tenant-id.ts';
import { adminEndpoint, adminTextEndpoint } from '../../shared/http/admin-endpoint.ts';
import type { ImportDeps } from '../../shared/import/import-users.ts';
import type { ExportUserDeps } from '../../shared/import/export-users.ts';
import { badRequest } from '../../shared/protocol-error.ts';

type Deps = ImportDeps & ExportUserDeps & { readonly userAdmin: UserAdmin };

const userId = v.pipe(v.string(), v.check(isUserId));

const flag = v.pipe(
  v.optional(v.picklist(['true', 'false']), 'false'),
  v.transform((value) => value === 'true'),
);

const Query = v.object({
  tenantId: v.optional(v.pipe(v.string(), v.check(isTenantId)), 'public'),
  format: v.optional(v.picklist(['ndjson', 'supertokens', 'auth0', 'cognito', 'firebase']), 'ndjson'),
  dryRun: flag,
  update: flag,
  updatePasswords: flag,
  resumeAfter: v.optional(v.pipe(v.string(), v.regex(/^\d{1,9}$/), v.transform(Number)), '0'),
});

/** Whole users, in and out. Both are loaded when they are asked for: no other request pays for them. */
export const importEndpoints = [
  adminTextEndpoint('POST /admin/import', Query, async (query, app: Deps, text) => {
    const { importText } = await import('../../shared/import/import-text.ts');
    if (text === '') throw badRequest('the body holds no users');
    if (query.updatePasswords && !query.update) throw badRequest('updatePasswords goes with update');
    return importText({ ...query, text }, app);
  }),
  adminEndpoint('GET /admin/users/{userId}/export', v.object({ userId }), async (input, app: Deps) => {
    const { exportUser } = await import('../../shared/import/export-users.ts');
    return exportUser(input.userId, app);
  }),
];
