import type { Access } from '../../shared/http/endpoint.ts';

/** The only function that may write the key set, and the only one that may encrypt keys. */
export const access: Access = { write: ['keys'], keys: 'create' };
