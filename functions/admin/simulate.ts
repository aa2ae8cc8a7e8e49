import { isIP } from 'node:net';
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
      at: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15))),
      request: v.optional(
        v.strictObject({
          ip: v.optional(
            v.pipe(
              v.string(),
              v.check((text) => isIP(text) !== 0, 'must be an address such as 203.0.113.7'),
            ),
          ),
          userAgent: v.optional(v.pipe(v.string(), v.maxLength(500))),
        }),
      ),
      limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_SIMULATED))),
      cursor: v.optional(v.pipe(v.string(), v.maxLength(400))),
    }),
    (input, app: SimulateDeps) => simulatePage(input, app),
    { maxBytes: DOCUMENT_BYTES },
  ),
];
