import type { Config } from '../../shared/config.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { keyTimes } from '../../shared/keys/key-times.ts';
import type { Keyring } from '../../shared/ports.ts';
import { issuerOf } from '../../shared/session/access-token.ts';

type DiscoveryConfig = Pick<Config, 'PUBLIC_URL' | 'KEY_ROTATION_SECONDS' | 'ACCESS_TOKEN_SECONDS'>;
type Deps = { readonly keys: Pick<Keyring, 'jwks'>; readonly config: DiscoveryConfig };

const open = (maxAge: number) => ({
  'access-control-allow-origin': '*',
  'cache-control': `public, max-age=${maxAge}, must-revalidate`,
});

/** Reads the key set and can open nothing of it. */
const access = { read: ['keys'], keys: 'public' } as const;

const jwks: Endpoint<Deps> = {
  routes: ['GET /auth/jwt/jwks.json'],
  access,
  caller: 'public',
  screen: false,
  handle: async (_, { keys, config }) => ({
    status: 200,
    body: { keys: await keys.jwks() },
    headers: open(Math.floor(keyTimes(config).jwksMs / 1_000)),
  }),
};

const discovery: Endpoint<Deps> = {
  routes: ['GET /auth/.well-known/openid-configuration'],
  access,
  caller: 'public',
  screen: false,
  handle: (_, { config }) =>
    Promise.resolve({
      status: 200,
      body: {
        issuer: issuerOf(config),
        jwks_uri: `${issuerOf(config)}/jwt/jwks.json`,
        // Required members of OpenID Connect Discovery. There is no authorization endpoint: the FDI signs people in.
        response_types_supported: [],
        subject_types_supported: ['public'],
        scopes_supported: ['mfa'],
        id_token_signing_alg_values_supported: ['RS256'],
      },
      headers: open(3_600),
    }),
};

export const endpoints = [jwks, discovery];
