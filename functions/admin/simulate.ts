import * as v from 'valibot';
import { adminEndpoint, DOCUMENT_BYTES } from '../../shared/http/admin-endpoint.ts';
import { onDemand } from '../../shared/http/on-demand.ts';
import { MAX_SIMULATED } from '../../shared/limits.ts';
import type { SimulateDeps } from '../../shared/policies/simulate.ts';

const simulatePage = onDemand(async () => (await import('../../shared/policies/simulate.ts')).simulatePage);

/** What a policy would do to the users that are there, page by page. */
export const simulateEndpoints = [
  adminEndpoint(
    'POST /admin/tenants/{tenantId}/policy/simulate',
    v.strictObject({
      tenantId: v.string(),
      mfaPolicy: v.optional(v.unknown()),
      limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_SIMULATED))),
      cursor: v.optional(v.pipe(v.string(), v.maxLength(400))),
    }),
    (input, app: SimulateDeps) => simulatePage(input, app),
    { maxBytes: DOCUMENT_BYTES },
  ),
];
