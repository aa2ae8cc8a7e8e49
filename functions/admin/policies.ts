import * as v from 'valibot';
import { adminEndpoint, callerOf, DOCUMENT_BYTES } from '../../shared/http/admin-endpoint.ts';
import type { CheckDeps } from '../../shared/policies/check.ts';
import type { PolicyDeps } from '../../shared/policies/adopt.ts';
import { onDemand } from '../../shared/http/on-demand.ts';

const versions = () => import('../../shared/policies/versions.ts');
const readPolicy = onDemand(async () => (await versions()).readPolicy);
const savePolicy = onDemand(async () => (await versions()).savePolicy);
const listVersions = onDemand(async () => (await versions()).listVersions);
const readVersion = onDemand(async () => (await versions()).readVersion);
const rollbackPolicy = onDemand(async () => (await versions()).rollbackPolicy);
const checkPolicy = onDemand(async () => (await import('../../shared/policies/check.ts')).checkPolicy);
const comparePolicies = onDemand(async () => (await import('../../shared/policies/compare.ts')).comparePolicies);

const tenantId = v.string();
const version = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(999_999));
const versionInPath = v.pipe(v.string(), v.regex(/^[1-9]\d{0,5}$/), v.transform(Number));
const reason = v.string();
/** Null: none, so that the default holds. What is in it is for the checks to say, with findings. */
const mfaPolicy = v.nullable(v.record(v.string(), v.unknown()));
const large = { maxBytes: DOCUMENT_BYTES };
const at = '/admin/tenants/{tenantId}/policy';

/** A tenant's policy: what is active, what was, and every change of it. */
export const policyEndpoints = [
  adminEndpoint(`GET ${at}`, v.object({ tenantId }), (input, app: PolicyDeps) => readPolicy(input, app)),
  adminEndpoint(
    `PUT ${at}`,
    v.strictObject({
      tenantId,
      mfaPolicy,
      reason,
      ifVersion: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    }),
    (input, app: PolicyDeps, request) => savePolicy({ ...input, by: callerOf(request), via: 'api' }, app),
    large,
  ),
  adminEndpoint(
    `GET ${at}/versions`,
    v.object({
      tenantId,
      limit: v.exactOptional(v.pipe(v.string(), v.regex(/^\d{1,3}$/), v.transform(Number))),
      cursor: v.exactOptional(v.string()),
    }),
    (input, app: PolicyDeps) => listVersions(input, app),
  ),
  adminEndpoint(
    `GET ${at}/versions/{version}`,
    v.object({ tenantId, version: versionInPath }),
    (input, app: PolicyDeps) => readVersion(input, app),
  ),
  adminEndpoint(
    `POST ${at}/validate`,
    v.strictObject({ tenantId, mfaPolicy: v.unknown() }),
    (input, app: CheckDeps) => checkPolicy(input, app),
    large,
  ),
  adminEndpoint(
    `POST ${at}/rollback`,
    v.strictObject({ tenantId, version, reason }),
    (input, app: PolicyDeps, request) => rollbackPolicy({ ...input, by: callerOf(request) }, app),
  ),
  adminEndpoint(
    `POST ${at}/diff`,
    v.strictObject({
      tenantId,
      before: v.exactOptional(v.union([version, mfaPolicy])),
      after: v.exactOptional(v.union([version, mfaPolicy])),
    }),
    (input, app: PolicyDeps) => comparePolicies(input, app),
    large,
  ),
];
