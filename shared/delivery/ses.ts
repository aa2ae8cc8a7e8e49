import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Config } from '../config.ts';
import type { Log, Mailer } from '../ports.ts';

/** SES's answers that another try will not change. The sandbox's "not verified" is one of them. */
const FOR_GOOD = new Set(['MessageRejected', 'MailFromDomainNotVerifiedException', 'BadRequestException']);

/** Sends through SES v2: two tries, 4 seconds each. What went wrong is told by name; addresses stay out of the log. */
export function sesMailer(config: Pick<Config, 'MAIL_FROM' | 'SES_CONFIGURATION_SET'>, log: Log): Mailer {
  const ses = new SESv2Client({
    maxAttempts: 2,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 1_000,
      requestTimeout: 4_000,
      throwOnRequestTimeout: true,
    }),
  });
  return {
    async send({ to, subject, text, html, purpose, preAuthSessionId }) {
      const utf8 = (Data: string) => ({ Data, Charset: 'UTF-8' });
      try {
        await ses.send(
          new SendEmailCommand({
            FromEmailAddress: config.MAIL_FROM,
            Destination: { ToAddresses: [to] },
            Content: { Simple: { Subject: utf8(subject), Body: { Text: utf8(text), Html: utf8(html) } } },
            EmailTags: [
              { Name: 'purpose', Value: purpose },
              ...(preAuthSessionId === undefined ? [] : [{ Name: 'preAuthSessionId', Value: preAuthSessionId }]),
            ],
            ...(config.SES_CONFIGURATION_SET === '' ? {} : { ConfigurationSetName: config.SES_CONFIGURATION_SET }),
          }),
        );
        return 'sent';
      } catch (error) {
        const name = error instanceof Error ? error.name : 'unknown';
        log.error('email.failed', { error: name, purpose });
        return FOR_GOOD.has(name) ? 'undeliverable' : 'failed';
      }
    },
  };
}
