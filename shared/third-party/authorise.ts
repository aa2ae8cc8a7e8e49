import { createHash, randomBytes } from 'node:crypto';
import type { Tenant } from '../account/tenant.ts';
import { tooMany } from '../account/sign-in.ts';
import type { Config } from '../config.ts';
import { authorisePerIp } from '../limits.ts';
import type { Clock, IdentityProviders, LimitStore, Log, OauthStateStore, ProviderFailure } from '../ports.ts';
import { badRequest } from '../protocol-error.ts';
import { findProvider, type Provider } from './presets.ts';
import { isAllowedRedirect } from './redirect.ts';

/** How long somebody may be away at the provider. */
const STATE_MS = 600_000;

export type AuthoriseDeps = {
  readonly config: Pick<Config, 'LIMIT_SCALE' | 'PUBLIC_URL'>;
  readonly idps: IdentityProviders;
  readonly oauthStates: OauthStateStore;
  readonly limits: LimitStore;
  readonly clock: Clock;
  readonly log: Log;
};

export type AuthoriseOutcome =
  | { readonly status: 'OK'; readonly urlWithQueryParams: string; readonly pkceCodeVerifier: string }
  | { readonly status: 'GENERAL_ERROR'; readonly message: string; readonly retryAfterMs?: number };

/**
 * Begins a sign-in at a provider.
 *
 * What binds the way back lies here and not in the address: provider, client, redirect address, nonce and browser, under
 * the hash of the PKCE verifier, which only the page that asked receives. `state` is the front end's own.
 *
 * @param input.browser what the browser is known by, where it keeps cookies.
 * @throws 400 for an unknown provider or an address that is not allowed.
 * @see FDI /authorisationurl
 * @see docs/adr/0015-third-party-state.md
 */
export async function authorisationUrl(
  input: {
    readonly tenant: Tenant;
    readonly thirdPartyId: string;
    readonly clientType: string | undefined;
    readonly redirectUri: string;
    readonly ip: string;
    readonly browser: string | undefined;
  },
  deps: AuthoriseDeps,
): Promise<AuthoriseOutcome> {
  const { tenant, redirectUri, browser } = input;
  const provider = requireProvider(tenant, input.thirdPartyId, input.clientType);
  requireRedirect(redirectUri, provider, tenant, deps.config);
  const now = deps.clock.now();
  const address = await deps.limits.spend(authorisePerIp(input.ip, deps.config.LIMIT_SCALE), now);
  if (!address.allowed) return tooMany(address);

  const codeVerifier = randomBytes(32).toString('base64url');
  const nonce = randomBytes(32).toString('base64url');
  const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');
  const page = await deps.idps.authorise(provider, { redirectUri, codeChallenge, nonce });
  if (page.status !== 'OK') return providerFailed(page, provider, tenant, deps);
  await deps.oauthStates.put({
    tenantId: tenant.tenantId,
    codeChallenge,
    thirdPartyId: provider.thirdPartyId,
    clientId: provider.clientId,
    redirectUri,
    nonce,
    ...(browser === undefined ? {} : { browserHash: browserHash(browser) }),
    expiresAt: now + STATE_MS,
  });
  return { status: 'OK', urlWithQueryParams: page.url, pkceCodeVerifier: codeVerifier };
}

export const browserHash = (browser: string): string => createHash('sha256').update(browser).digest('base64url');

export function requireProvider(tenant: Tenant, thirdPartyId: string, clientType: string | undefined): Provider {
  const provider = findProvider(tenant.providers, thirdPartyId, clientType);
  if (provider === undefined || !tenant.firstFactors.includes('thirdparty')) {
    throw badRequest('this tenant has no such provider: check thirdPartyId and clientType');
  }
  return provider;
}

export function requireRedirect(
  redirectUri: string,
  provider: Provider,
  { allowedOrigins }: Tenant,
  { PUBLIC_URL }: Pick<Config, 'PUBLIC_URL'>,
): void {
  if (!isAllowedRedirect(redirectUri, provider, { origins: allowedOrigins, publicUrl: PUBLIC_URL })) {
    throw badRequest('redirectURIOnProviderDashboard is not allowed for this tenant');
  }
}

/** What went wrong at the provider is for the log; the person is told what to do. */
export function providerFailed(
  { status, reason }: ProviderFailure,
  { thirdPartyId, name }: Provider,
  { tenantId }: Tenant,
  { log }: Pick<AuthoriseDeps, 'log'>,
) {
  if (status === 'DENIED') {
    log.info('provider.denied', { tenantId, thirdPartyId, reason });
    return { status: 'GENERAL_ERROR', message: `You have not signed in with ${name}. Please try again.` } as const;
  }
  log.error('provider.failed', { tenantId, thirdPartyId, reason });
  return {
    status: 'GENERAL_ERROR',
    message: `We couldn't sign you in with ${name} right now. Please try again in a minute, or sign in another way.`,
  } as const;
}
