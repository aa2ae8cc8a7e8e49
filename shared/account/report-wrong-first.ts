import { networkOf } from '../client-address.ts';
import type { FactorId } from '../mfa/factor.ts';
import type { Keyring, Log } from '../ports.ts';
import type { Client } from '../session/client.ts';
import type { Tenant } from './tenant.ts';

/**
 * A wrong password, or a wrong code of a first factor, for the log: whether anybody has the account or not.
 *
 * `account` is an HMAC of what was typed: the same for the same account, and good for nothing else.
 */
export async function reportWrongFirst(
  about: { readonly tenant: Tenant; readonly client: Client; readonly factor: FactorId; readonly contact: string },
  { keys, log }: { readonly keys: Pick<Keyring, 'secrets'>; readonly log: Log },
): Promise<void> {
  const { factor, contact, client, tenant } = about;
  const { tenantId } = tenant;
  const account = (await keys.secrets()).index('log', tenantId, contact).slice(0, 22);
  log.info('sign-in.failed', { tenantId, account, factor, network: networkOf(client.ip) });
}
