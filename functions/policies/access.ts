import type { Access } from '../../shared/http/endpoint.ts';

/** Tenants' items and the versions of their policies; which tenants there are stands where listings live. */
export const access: Access = { read: ['member'], write: ['tenant'] };
