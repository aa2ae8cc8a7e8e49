import { devNull } from 'node:os';

type Env = Record<string, string | undefined>;

/**
 * Points every AWS client that this process makes from now on at the local services, and nowhere else.
 *
 * Keys are invented where the environment has none. Profiles and files under `~/.aws` are put aside: they could bring
 * an endpoint, an expired sign-in or a region with them.
 */
export function pointAwsAt(local: { readonly dynamodb?: string; readonly aws?: string }, env: Env): void {
  const hasKeys = Boolean(env['AWS_ACCESS_KEY_ID'] && env['AWS_SECRET_ACCESS_KEY']);
  Object.assign(env, {
    ...(hasKeys ? {} : { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' }),
    AWS_REGION: env['AWS_REGION'] || 'eu-central-1',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    ...(local.dynamodb === undefined ? {} : { AWS_ENDPOINT_URL_DYNAMODB: local.dynamodb }),
    ...(local.aws === undefined ? {} : awsEndpoints(local.aws)),
  });
  for (const name of [...IN_THE_WAY, ...(hasKeys ? [] : ['AWS_SESSION_TOKEN'])]) delete env[name];
}

const awsEndpoints = (endpoint: string) => ({
  AWS_ENDPOINT_URL_SESV2: endpoint,
  AWS_ENDPOINT_URL_SNS: endpoint,
  AWS_ENDPOINT_URL_KMS: endpoint,
  AWS_ENDPOINT_URL_LAMBDA: endpoint,
});

const IN_THE_WAY = [
  'AWS_PROFILE',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  'AWS_USE_FIPS_ENDPOINT',
  'AWS_USE_DUALSTACK_ENDPOINT',
];
