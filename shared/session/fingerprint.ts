import type { Secrets } from '../keys/secrets.ts';
import type { Client } from './client.ts';

/**
 * Coarse traits of the client a refresh token lives in: enough to notice that it moved, too little to follow anybody.
 * Never the address: phones change it all day.
 */
export const fingerprintOf = (secrets: Secrets, tenantId: string, client: Client): string =>
  secrets
    .mac('refresh-fingerprint', tenantId, client.authMode, family(client.userAgent))
    .subarray(0, 12)
    .toString('base64url');

/** Product names without versions: an update of the browser changes nothing. */
const family = (userAgent: string): string => userAgent.slice(0, 256).replaceAll(/[\d._]+/g, '');
