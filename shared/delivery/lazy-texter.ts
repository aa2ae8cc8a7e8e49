import type { Config } from '../config.ts';
import type { Log, Texter } from '../ports.ts';

/**
 * SNS, or the customer's own sender where there is one. Text messages are the rarer way, and a tenant may have none at
 * all: the client is loaded with the first.
 */
export function lazyTexter(config: Pick<Config, 'SMS_SENDER_ARN'>, log: Log): Texter {
  let texter: Promise<Texter> | undefined;
  const load = async () => {
    if (config.SMS_SENDER_ARN === '') return (await import('./sns.ts')).snsTexter(log);
    return (await import('./lambda-sender.ts')).lambdaTexter(config, log);
  };
  return { send: async (message) => (await (texter ??= load())).send(message) };
}
