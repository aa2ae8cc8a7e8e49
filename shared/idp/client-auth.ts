import type * as Library from 'openid-client';
import type { Clock, ProviderSecrets } from '../ports.ts';
import type { Provider } from '../third-party/presets.ts';
import { appleSecret } from './apple-secret.ts';

/** How a client shows the provider that it is itself: in the form where it may, else as HTTP Basic. */
export async function clientAuthOf(
  library: typeof Library,
  provider: Provider,
  metadata: Library.ServerMetadata,
  tenantId: string,
  { clock, providerSecrets }: { readonly clock: Clock; readonly providerSecrets: ProviderSecrets },
): Promise<Library.ClientAuth> {
  if (provider.sealedSecret === undefined) return library.None();
  const secret = await providerSecrets.open(tenantId, provider.thirdPartyId, provider.sealedSecret);
  if (provider.apple !== undefined) {
    const nowSeconds = Math.floor(clock.now() / 1000);
    const { clientId } = provider;
    return library.ClientSecretPost(await appleSecret({ privateKey: secret, ...provider.apple, clientId, nowSeconds }));
  }
  // Without a list it is Basic by the letter of RFC 8414; every provider here that has no list takes the form.
  const methods = metadata.token_endpoint_auth_methods_supported;
  const isBasic = methods !== undefined && !methods.includes('client_secret_post');
  return isBasic ? library.ClientSecretBasic(secret) : library.ClientSecretPost(secret);
}
