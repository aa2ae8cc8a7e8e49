import { dynamoOauthStates } from './dynamo/oauth-states.ts';
import { dynamoProviderEmails } from './dynamo/provider-emails.ts';
import { openIdProviders } from './idp/client.ts';
import { kmsProviderSecrets } from './idp/secrets.ts';
import { kmsEnvelope } from './keys/kms-envelope.ts';
import type { Keyed, Runtime } from './parts.ts';

/**
 * What signs in with a provider needs, beside the other parts.
 *
 * A file of its own: a bundler counts what a file could load on demand, here the whole OpenID client, towards everybody
 * who imports the file, and cuts the code that both share into more pieces to read at a cold start.
 */
export const thirdParty = ({ table, keys, clock, config }: Keyed & Pick<Runtime, 'clock' | 'config'>) => {
  const providerSecrets = kmsProviderSecrets(kmsEnvelope(config.KMS_KEY_ID), { clock });
  return {
    oauthStates: dynamoOauthStates(table),
    providerEmails: dynamoProviderEmails(table, keys),
    idps: openIdProviders({ config, clock, providerSecrets }),
  };
};
