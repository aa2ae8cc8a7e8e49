import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Log, Texter } from '../ports.ts';

const FOR_GOOD = new Set([
  'InvalidParameterException',
  'InvalidParameterValueException',
  'OptedOut',
  'OptedOutException',
]);

/** Publishes through SNS: one try, 4 seconds. No key makes a publish idempotent, so it is never repeated by itself. */
export function snsTexter(log: Log): Texter {
  const sns = new SNSClient({
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 1_000,
      requestTimeout: 4_000,
      throwOnRequestTimeout: true,
    }),
  });
  const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });
  return {
    async send({ to, text, purpose, preAuthSessionId }) {
      try {
        await sns.send(
          new PublishCommand({
            PhoneNumber: to,
            Message: text,
            MessageAttributes: {
              'AWS.SNS.SMS.SMSType': attribute('Transactional'),
              'stepgate.purpose': attribute(purpose),
              ...(preAuthSessionId === undefined ? {} : { 'stepgate.preAuthSessionId': attribute(preAuthSessionId) }),
            },
          }),
        );
        log.info('sms.sent', { purpose });
        return 'sent';
      } catch (error) {
        const name = error instanceof Error ? error.name : 'unknown';
        log.error('sms.failed', { error: name, purpose });
        return FOR_GOOD.has(name) ? 'undeliverable' : 'failed';
      }
    },
  };
}
