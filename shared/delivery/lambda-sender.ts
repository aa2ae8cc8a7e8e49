import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import * as v from 'valibot';
import type { Config } from '../config.ts';
import type { DeliveryOutcome, Log, Mailer, Texter } from '../ports.ts';
import { emailEvent, smsEvent } from './sender-events.ts';

const PATIENCE_MS = 4_000;

const Reply = v.nullish(v.object({ status: v.picklist(['OK', 'UNDELIVERABLE']) }));

/** Mails go to a Lambda of the customer's: one try, 4 seconds, and nothing in its place when it fails. */
export const lambdaMailer = (config: Pick<Config, 'EMAIL_SENDER_ARN' | 'MAIL_FROM'>, log: Log): Mailer => {
  const invoke = invoker(config.EMAIL_SENDER_ARN, 'email.failed', log);
  return { send: (message) => invoke(message.purpose, () => emailEvent(message, config.MAIL_FROM)) };
};

/** Text messages, on the same terms. */
export const lambdaTexter = (config: Pick<Config, 'SMS_SENDER_ARN'>, log: Log): Texter => {
  const invoke = invoker(config.SMS_SENDER_ARN, 'sms.failed', log);
  return {
    send: async (message) => {
      const { purpose } = message;
      const outcome = await invoke(purpose, () => smsEvent(message));
      if (outcome === 'sent') log.info('sms.sent', { purpose });
      return outcome;
    },
  };
};

/** What a sender throws may hold the code it was given: only the error's name is logged. */
function invoker(arn: string, failure: string, log: Log) {
  const lambda = new LambdaClient({
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 1_000,
      requestTimeout: PATIENCE_MS,
      throwOnRequestTimeout: true,
    }),
  });
  const failed = (purpose: string, error: string): DeliveryOutcome => {
    log.error(failure, { error, purpose });
    return 'failed';
  };
  return async (purpose: string, event: () => object): Promise<DeliveryOutcome> => {
    try {
      const command = new InvokeCommand({
        FunctionName: arn,
        InvocationType: 'RequestResponse',
        Payload: Buffer.from(JSON.stringify(event())),
      });
      const answer = await lambda.send(command, { abortSignal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.FunctionError !== undefined) return failed(purpose, 'SenderFailed');
      const reply = v.safeParse(Reply, JSON.parse(answer.Payload?.transformToString() || 'null'));
      if (!reply.success) return failed(purpose, 'SenderReplyUnknown');
      return reply.output?.status === 'UNDELIVERABLE' ? 'undeliverable' : 'sent';
    } catch (error) {
      return failed(purpose, error instanceof Error ? error.name : 'unknown');
    }
  };
}
