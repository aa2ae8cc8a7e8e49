import type { Log, Texter } from '../ports.ts';

/** Text messages are the rarer way, and a tenant may have none at all: the SNS client is loaded with the first. */
export function lazyTexter(log: Log): Texter {
  let texter: Promise<Texter> | undefined;
  return {
    send: async (message) => {
      texter ??= import('./sns.ts').then(({ snsTexter }) => snsTexter(log));
      return (await texter).send(message);
    },
  };
}
