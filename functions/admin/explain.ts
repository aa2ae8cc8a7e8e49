import * as v from 'valibot';
import { isUserId } from '../../shared/dynamo/keys.ts';
import { adminEndpoint } from '../../shared/http/admin-endpoint.ts';
import { onDemand } from '../../shared/http/on-demand.ts';
import type { ExplainDeps } from '../../shared/policies/explain.ts';

const explain = () => import('../../shared/policies/explain.ts');
const explainNow = onDemand(async () => (await explain()).explainNow);
const explainPast = onDemand(async () => (await explain()).explainPast);

const userId = v.pipe(v.string(), v.check(isUserId));
const MAX_TIME = 8_640_000_000_000_000;
/** ISO, or epoch milliseconds. */
const moment = v.pipe(
  v.string(),
  v.transform((text) => (/^\d{1,16}$/.test(text) ? Number(text) : Date.parse(text))),
  v.check(
    (time) => time >= 0 && time <= MAX_TIME,
    'must be a time such as 2026-01-31T12:00:00Z, or epoch milliseconds',
  ),
);

/** Why a user is asked what, and was. */
export const explainEndpoints = [
  adminEndpoint(
    'GET /admin/users/{userId}/explain',
    v.object({ userId, tenantId: v.optional(v.string(), 'public') }),
    (input, app: ExplainDeps) => explainNow(input, app),
  ),
  adminEndpoint(
    'GET /admin/users/{userId}/decisions',
    v.object({
      userId,
      tenantId: v.exactOptional(v.string()),
      from: v.exactOptional(moment),
      to: v.exactOptional(moment),
      limit: v.exactOptional(v.pipe(v.string(), v.regex(/^[1-9]\d{0,2}$/), v.transform(Number))),
      cursor: v.exactOptional(v.pipe(v.string(), v.maxLength(100))),
    }),
    (input, app: ExplainDeps) => explainPast(input, app),
  ),
];
