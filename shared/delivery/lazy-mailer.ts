import type { Config } from '../config.ts';
import type { Log, Mailer } from '../ports.ts';

/**
 * For functions that send a mail once in a blue moon: the SES client is loaded with the first.
 *
 * In a file of its own: where a bundle holds one static import of ses.ts, this one is not lazy any more.
 */
export function lazyMailer(config: Pick<Config, 'MAIL_FROM' | 'SES_CONFIGURATION_SET'>, log: Log): Mailer {
  let mailer: Promise<Mailer> | undefined;
  return {
    send: async (message) => {
      mailer ??= import('./ses.ts').then(({ sesMailer }) => sesMailer(config, log));
      return (await mailer).send(message);
    },
  };
}
