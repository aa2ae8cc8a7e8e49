import { exemptionEndpoints } from './exemptions.ts';
import { policyEndpoints } from './policies.ts';
import { tenantEndpoints } from './tenants.ts';
import { userEndpoints } from './users.ts';

/** Everything under /admin; each file a subject. */
export const endpoints = [...tenantEndpoints, ...policyEndpoints, ...userEndpoints, ...exemptionEndpoints];
