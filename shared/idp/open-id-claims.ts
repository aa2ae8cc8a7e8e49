import type * as Library from 'openid-client';
import type { Clock } from '../ports.ts';
import type { Provider } from '../third-party/presets.ts';
import { Refused } from './failure.ts';

/** How far a provider's clock may be from ours. @see security.md §1.9 */
export const TOLERANCE_SECONDS = 60;

/** The token's claims; the address from the user-info endpoint where the token has none. */
export async function openIdClaims(
  library: typeof Library,
  configuration: Library.Configuration,
  provider: Provider,
  tokens: Awaited<ReturnType<typeof Library.authorizationCodeGrant>>,
  clock: Clock,
): Promise<Readonly<Record<string, unknown>>> {
  const claims = tokens.claims();
  if (claims === undefined) throw new Refused('no id_token');
  // With a single audience the library takes any authorised party, and it never asks when a token was made.
  if (claims['azp'] !== undefined && claims['azp'] !== provider.clientId) throw new Refused('made for another client');
  if (claims.iat > clock.now() / 1000 + TOLERANCE_SECONDS) throw new Refused('made in the future');
  const isComplete = claims['email'] !== undefined || provider.preset === 'entra';
  if (isComplete || configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
  const { email, email_verified } = await library.fetchUserInfo(configuration, tokens.access_token, claims.sub);
  return { ...claims, email, email_verified };
}
