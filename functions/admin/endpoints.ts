import { exemptionEndpoints } from './exemptions.ts';
import { explainEndpoints } from './explain.ts';
import { importEndpoints } from './import.ts';
import { policyEndpoints } from './policies.ts';
import { simulateEndpoints } from './simulate.ts';
import { tenantEndpoints } from './tenants.ts';
import { userEndpoints } from './users.ts';

/** Everything under /admin; each file a subject. */
export const endpoints = [
  ...tenantEndpoints,
  ...policyEndpoints,
  ...simulateEndpoints,
  ...importEndpoints,
  ...userEndpoints,
  ...exemptionEndpoints,
  ...explainEndpoints,
];
