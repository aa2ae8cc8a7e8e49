import type * as Library from 'openid-client';
import type { Config } from '../config.ts';
import type { Clock, IdentityProviders, ProviderSecrets } from '../ports.ts';
import { identityOf } from '../third-party/identity.ts';
import type { Provider } from '../third-party/presets.ts';
import { boundedFetch, isLoopback } from './bounded-fetch.ts';
import { clientAuthOf } from './client-auth.ts';
import { answered, deniedBy, Refused } from './failure.ts';
import { openIdClaims, TOLERANCE_SECONDS } from './open-id-claims.ts';
import { isAcceptedIssuer, recording } from './other-issuer.ts';
import { claimsByOauth } from './user-info.ts';

/** Everything at a provider together. People wait in front of it. */
const PATIENCE_MS = 3_000;
const METADATA_MS = 600_000;

type Deps = {
  readonly config: Pick<Config, 'PUBLIC_URL'>;
  readonly clock: Clock;
  readonly providerSecrets: ProviderSecrets;
};

/**
 * OpenID Connect and OAuth 2, by openid-client: PKCE, nonce, issuer, audience, times and signature are its work.
 *
 * Loaded when somebody signs in so. A provider's documents are kept for ten minutes; a failure is not.
 */
export function openIdProviders({ config, clock, providerSecrets }: Deps): IdentityProviders {
  const known = new Map<string, { readonly until: number; readonly metadata: Promise<Library.ServerMetadata> }>();
  const jwks = new Map<string, NonNullable<ReturnType<typeof Library.getJwksCache>>>();
  const isLocal = isLoopback(new URL(config.PUBLIC_URL).hostname);
  const reach = ({ hosts }: Provider) =>
    boundedFetch({ hosts, loopback: isLocal, deadline: AbortSignal.timeout(PATIENCE_MS) });

  const metadataOf = (library: typeof Library, provider: Provider): Promise<Library.ServerMetadata> => {
    const { issuer, endpoints } = provider;
    if (issuer === undefined) return Promise.resolve(described(endpoints));
    const name = JSON.stringify([issuer, provider.hosts, provider.acceptedIssuers]);
    const hit = known.get(name);
    if (hit !== undefined && clock.now() < hit.until) return hit.metadata;
    const metadata = discover(library, provider, issuer, reach(provider), isLocal);
    known.set(name, { until: clock.now() + METADATA_MS, metadata });
    metadata.catch(() => known.delete(name));
    return metadata;
  };

  const configure = (
    library: typeof Library,
    provider: Provider,
    metadata: Library.ServerMetadata,
    auth: Library.ClientAuth,
    fetchIt: Library.CustomFetch,
  ): Library.Configuration => {
    const configuration = new library.Configuration(
      metadata,
      provider.clientId,
      {
        [library.clockSkew]: Math.round((clock.now() - Date.now()) / 1000),
        [library.clockTolerance]: TOLERANCE_SECONDS,
      },
      auth,
    );
    configuration[library.customFetch] = fetchIt;
    if (isLocal) library.allowInsecureRequests(configuration);
    if (provider.issuer === undefined) return configuration;
    library.enableNonRepudiationChecks(configuration);
    const kept = jwks.get(metadata.jwks_uri ?? '');
    if (kept !== undefined) library.setJwksCache(configuration, kept);
    return configuration;
  };

  return {
    authorise: (provider, { redirectUri, codeChallenge, nonce }) =>
      answered(async () => {
        const library = await import('openid-client');
        const metadata = await metadataOf(library, provider);
        const configuration = configure(library, provider, metadata, library.None(), reach(provider));
        const url = library.buildAuthorizationUrl(configuration, {
          redirect_uri: redirectUri,
          scope: provider.scopes.join(' '),
          ...(provider.issuer === undefined ? {} : { nonce }),
          // Apple takes no PKCE; its nonce binds the code to this flow.
          ...(provider.preset === 'apple'
            ? { response_mode: 'form_post' }
            : { code_challenge: codeChallenge, code_challenge_method: 'S256' }),
        });
        return { status: 'OK' as const, url: url.href };
      }),

    identify: (provider, answer) =>
      answered(async () => {
        if (answer.params['code'] === undefined) return deniedBy(answer.params);
        const library = await import('openid-client');
        const metadata = await metadataOf(library, provider);
        const auth = await clientAuthOf(library, provider, metadata, answer.tenantId, { clock, providerSecrets });
        const fetchIt = reach(provider);
        const { record, replay, issuer } = recording(fetchIt, metadata.token_endpoint ?? '');
        const grant = async (as: Library.ServerMetadata, by: Library.CustomFetch, params: typeof answer.params) => {
          const configuration = configure(library, provider, as, auth, by);
          const tokens = await redeem(library, configuration, provider, { ...answer, params });
          const fresh = library.getJwksCache(configuration);
          if (fresh !== undefined && as.jwks_uri !== undefined) jwks.set(as.jwks_uri, fresh);
          return { configuration, tokens };
        };
        const { configuration, tokens } = await grant(metadata, record, answer.params).catch(async (error: unknown) => {
          const other = await issuer();
          if (other === undefined || other.iss === metadata.issuer) throw error;
          if (!isAcceptedIssuer(other, provider.acceptedIssuers)) throw error;
          // `iss` of the redirect was compared before the code was sent.
          const { iss: _compared, ...params } = answer.params;
          const as = { ...metadata, issuer: other.iss, authorization_response_iss_parameter_supported: false };
          return grant(as, replay, params);
        });
        const claims =
          provider.issuer === undefined
            ? await claimsByOauth(library, configuration, provider, tokens.access_token)
            : await openIdClaims(library, configuration, provider, tokens, clock);
        const identity = identityOf(provider.preset, claims);
        if (identity === undefined) throw new Refused('the provider does not say who it is');
        return { status: 'OK' as const, identity };
      }),
  };
}

function described(endpoints: Provider['endpoints']): Library.ServerMetadata {
  if (endpoints === undefined) throw new Refused('a provider without issuer and endpoints');
  return {
    issuer: new URL(endpoints.authorization).origin,
    authorization_endpoint: endpoints.authorization,
    token_endpoint: endpoints.token,
    userinfo_endpoint: endpoints.userInfo,
  };
}

/** @throws where the document names an issuer that the tenant did not. */
async function discover(
  library: typeof Library,
  provider: Provider,
  issuer: string,
  fetchIt: Library.CustomFetch,
  isLocal: boolean,
): Promise<Library.ServerMetadata> {
  const document = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const found = await library.discovery(document, provider.clientId, undefined, library.None(), {
    [library.customFetch]: fetchIt,
    ...(isLocal ? { execute: [library.allowInsecureRequests] } : {}),
  });
  const metadata = { ...found.serverMetadata() };
  if (metadata.issuer !== issuer && !provider.acceptedIssuers.includes(metadata.issuer)) {
    throw new Refused('the discovery document names another issuer');
  }
  return metadata;
}

/** `state` is the front end's and was compared there. */
function redeem(
  library: typeof Library,
  configuration: Library.Configuration,
  provider: Provider,
  { redirectUri, params, codeVerifier, nonce }: Parameters<IdentityProviders['identify']>[1],
) {
  const back = new URL(redirectUri);
  for (const name of ['code', 'iss'] as const) {
    if (params[name] !== undefined) back.searchParams.set(name, params[name]);
  }
  const isOpenId = provider.issuer !== undefined;
  return library.authorizationCodeGrant(configuration, back, {
    ...(provider.preset === 'apple' ? {} : { pkceCodeVerifier: codeVerifier }),
    ...(isOpenId ? { expectedNonce: nonce, idTokenExpected: true } : {}),
  });
}
