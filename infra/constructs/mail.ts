import { ArnFormat, Stack } from 'aws-cdk-lib';
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  Identity,
  SuppressionReasons,
} from 'aws-cdk-lib/aws-ses';
import type { Construct } from 'constructs';
import type { Reach } from './access.ts';
import { output } from './output.ts';
import { type Settings, addressOf, domainOf } from './settings.ts';

/** Who mails come from, and what may send them. */
export type Mail = Reach['mail'] & { readonly configurationSetName: string };

/**
 * SES as Stepgate uses it: TLS or not at all, bounces and complaints suppressed and counted.
 *
 * Nothing at all where the customer's own function sends. An identity of its own only where none is named: SES knows each domain once, and a second stack that made the same
 * one would fail.
 */
export function createMail(scope: Construct, settings: Settings): Mail {
  if (settings.emailSender !== undefined) return { address: '', arns: [], configurationSetName: '' };
  const configurationSet = new ConfigurationSet(scope, 'Mail', {
    tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
    reputationMetrics: true,
    suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
  });
  const { configurationSetName } = configurationSet;
  const identity = settings.sesIdentity ?? createIdentity(scope, domainOf(settings.mailFrom));
  const arn = (resource: string, resourceName: string) =>
    Stack.of(scope).formatArn({ service: 'ses', resource, resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
  return {
    address: addressOf(settings.mailFrom),
    // In the sandbox recipients are identities too, and SES asks for the right to theirs.
    arns: [
      arn('identity', settings.sesSandbox === true ? '*' : identity),
      arn('configuration-set', configurationSetName),
    ],
    configurationSetName,
  };
}

/** @returns the identity's name, once the three records in the outputs are in DNS. */
function createIdentity(scope: Construct, domain: string): string {
  const identity = new EmailIdentity(scope, 'MailIdentity', { identity: Identity.domain(domain) });
  for (const [index, { name, value }] of identity.dkimRecords.entries()) {
    const description = `CNAME record that lets SES send for ${domain}`;
    output(scope, `MailDnsRecord${index + 1}`, `${name} CNAME ${value}`, description);
  }
  return identity.emailIdentityName;
}
