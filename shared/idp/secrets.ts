import { cached } from '../dynamo/cache.ts';
import type { Envelope } from '../dynamo/keyring.ts';
import type { Clock, ProviderSecrets } from '../ports.ts';
import { secretUse } from '../third-party/secrets.ts';

/** An opened secret stays in memory for so long; the table never has it. @see security.md §3.9 */
const CACHE_SECONDS = 300;

export function kmsProviderSecrets(
  envelope: Pick<Envelope, 'open'>,
  { clock }: { readonly clock: Clock },
): ProviderSecrets {
  const open = cached({ clock, cacheSeconds: CACHE_SECONDS }, async (name) => {
    const [use = '', sealed = ''] = name.split(' ');
    return Buffer.from(await envelope.open(Buffer.from(sealed, 'base64'), use)).toString('utf8');
  });
  return {
    open: async (tenantId, thirdPartyId, sealed) =>
      (await open(`${secretUse(tenantId, thirdPartyId)} ${sealed}`)) ?? '',
  };
}
