import type { Access } from '../../shared/http/endpoint.ts';

/** Tenants' items, the versions of their policies and the list of tenants; and to be told which tenants were changed. */
export const access: Access = { write: ['tenant', 'tenantList'], told: 'tenant' };
