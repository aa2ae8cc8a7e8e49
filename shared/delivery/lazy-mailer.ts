import type { Config } from '../config.ts';
import type { Log, Mailer } from '../ports.ts';

export type MailerConfig = Pick<Config, 'MAIL_FROM' | 'SES_CONFIGURATION_SET' | 'EMAIL_SENDER_ARN'>;

/**
 * SES, or the customer's own sender where there is one. The client is loaded with the first mail: most functions send one
 * once in a blue moon.
 *
 * In a file of its own: where a bundle holds one static import of ses.ts, this one is not lazy any more.
 */
export function lazyMailer(config: MailerConfig, log: Log): Mailer {
  let mailer: Promise<Mailer> | undefined;
  const load = async () => {
    if (config.EMAIL_SENDER_ARN === '') return (await import('./ses.ts')).sesMailer(config, log);
    return (await import('./lambda-sender.ts')).lambdaMailer(config, log);
  };
  return { send: async (message) => (await (mailer ??= load())).send(message) };
}
