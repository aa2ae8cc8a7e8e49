import * as v from 'valibot';
import { adminEndpoint } from '../../shared/http/admin-endpoint.ts';
import { MAX_SIMULATED } from '../../shared/limits.ts';
import type { SimulateDeps } from '../../shared/policies/simulate.ts';

/** What a policy would do to the users that are there, page by page. Loaded where it is asked for. */
export const simulateEndpoints = [
  adminEndpoint(
    'POST /admin/tenants/{tenantId}/policy/simulate',
    v.strictObject({
      tenantId: v.string(),
      mfaPolicy: v.optional(v.unknown()),
      limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_SIMULATED))),
      cursor: v.optional(v.pipe(v.string(), v.maxLength(400))),
    }),
    async (input, app: SimulateDeps) => {
      const { simulatePage } = await import('../../shared/policies/simulate.ts');
      return simulatePage(input, app);
    },
  ),
];
