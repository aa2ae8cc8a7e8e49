import type { ProviderEntry } from './provider.ts';

export const PRESETS = ['google', 'github', 'apple', 'entra', 'gitlab', 'oidc', 'oauth2'] as const;
export type Preset = (typeof PRESETS)[number];

/** A provider's client ready for use: what the tenant wrote over what the preset knows. */
export interface Provider {
  readonly thirdPartyId: string;
  readonly preset: Preset;
  readonly name: string;
  readonly clientType: string | undefined;
  readonly clientId: string;
  readonly sealedSecret: string | undefined;
  /** Where discovery begins; undefined where there is none. */
  readonly issuer: string | undefined;
  readonly acceptedIssuers: readonly string[];
  readonly endpoints: { readonly authorization: string; readonly token: string; readonly userInfo: string } | undefined;
  readonly claims: NonNullable<ProviderEntry['claims']> | undefined;
  readonly scopes: readonly string[];
  /** The only hosts that are called. */
  readonly hosts: readonly string[];
  readonly requireEmail: boolean;
  readonly redirectUris: readonly string[] | undefined;
  readonly apple: { readonly teamId: string; readonly keyId: string } | undefined;
}

interface Known {
  readonly name: string;
  readonly issuer?: string;
  readonly acceptedIssuers?: readonly string[];
  readonly endpoints?: Provider['endpoints'];
  readonly hosts?: readonly string[];
  readonly scopes: readonly string[];
}

const ENTRA = 'https://login.microsoftonline.com';
/** The directory of Microsoft's personal accounts. */
const CONSUMERS = '9188040d-6c67-4c5b-b112-36a304b66dad';

const KNOWN: Readonly<Record<Preset, Known>> = {
  google: {
    name: 'Google',
    issuer: 'https://accounts.google.com',
    acceptedIssuers: ['https://accounts.google.com', 'accounts.google.com'],
    hosts: ['oauth2.googleapis.com', 'www.googleapis.com', 'openidconnect.googleapis.com'],
    scopes: ['openid', 'email'],
  },
  apple: {
    name: 'Apple',
    issuer: 'https://appleid.apple.com',
    acceptedIssuers: ['https://appleid.apple.com', 'https://account.apple.com'],
    hosts: ['account.apple.com'],
    scopes: ['openid', 'email', 'name'],
  },
  entra: { name: 'Microsoft', hosts: ['graph.microsoft.com'], scopes: ['openid', 'email', 'profile'] },
  gitlab: { name: 'GitLab', issuer: 'https://gitlab.com', scopes: ['openid', 'email'] },
  github: {
    name: 'GitHub',
    endpoints: {
      authorization: 'https://github.com/login/oauth/authorize',
      token: 'https://github.com/login/oauth/access_token',
      userInfo: 'https://api.github.com/user',
    },
    scopes: ['read:user', 'user:email'],
  },
  oidc: { name: 'OpenID Connect', scopes: ['openid', 'email'] },
  oauth2: { name: 'OAuth', scopes: [] },
};

/** Names by which SDKs know a preset otherwise. */
const ALIASES: Readonly<Record<string, Preset>> = { 'active-directory': 'entra' };

export function presetOf({ preset, thirdPartyId }: Pick<ProviderEntry, 'preset' | 'thirdPartyId'>): Preset {
  return preset ?? ALIASES[thirdPartyId] ?? PRESETS.find((name) => name === thirdPartyId) ?? 'oidc';
}

export function providerOf(entry: ProviderEntry): Provider {
  const preset = presetOf(entry);
  const known = KNOWN[preset];
  const issuer = entry.issuer ?? (preset === 'entra' ? `${ENTRA}/${entry.directoryId}/v2.0` : known.issuer);
  const endpoints = entry.endpoints ?? known.endpoints;
  const { teamId, keyId } = entry;
  return {
    thirdPartyId: entry.thirdPartyId,
    preset,
    name: entry.name ?? known.name,
    clientType: entry.clientType,
    clientId: entry.clientId,
    sealedSecret: entry.sealedSecret,
    issuer,
    acceptedIssuers: entry.acceptedIssuers ?? acceptedOf(entry, issuer, known),
    endpoints,
    claims: entry.claims,
    scopes: entry.scopes ?? known.scopes,
    hosts: [
      ...[issuer, ...Object.values(endpoints ?? {})].flatMap((each) =>
        each === undefined ? [] : [new URL(each).host],
      ),
      ...(known.hosts ?? []),
      ...(entry.hosts ?? []),
    ],
    requireEmail: entry.requireEmail ?? true,
    redirectUris: entry.redirectUris,
    apple: teamId === undefined || keyId === undefined ? undefined : { teamId, keyId },
  };
}

/** An issuer of one's own is its only name. Entra's shared ones stand for every directory's. */
function acceptedOf(entry: ProviderEntry, issuer: string | undefined, known: Known): readonly string[] {
  if (issuer === undefined) return [];
  if (entry.issuer !== undefined) return [issuer];
  const directory = presetOf(entry) === 'entra' ? entry.directoryId : undefined;
  if (directory === 'common' || directory === 'organizations') return [`${ENTRA}/{tenantid}/v2.0`];
  if (directory === 'consumers') return [`${ENTRA}/${CONSUMERS}/v2.0`];
  return known.acceptedIssuers ?? [issuer];
}

/**
 * The client a request is about.
 *
 * @returns undefined for an unknown provider or `clientType`, and where several clients leave the choice open.
 */
export function findProvider(
  providers: readonly Provider[],
  thirdPartyId: string,
  clientType: string | undefined,
): Provider | undefined {
  const own = providers.filter((provider) => provider.thirdPartyId === thirdPartyId);
  if (clientType === undefined && own.length === 1) return own[0];
  return own.find((provider) => provider.clientType === clientType);
}
