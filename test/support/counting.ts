import type { Stepgate } from './stepgate.ts';

/** What a call asks of the table: commands, and the entity each is about. */
export async function counting<T>(stepgate: Stepgate, run: () => Promise<T>) {
  const requests: string[] = [];
  const { middlewareStack } = stepgate.app().table.db;
  middlewareStack.add(
    (next, context) => (args) => {
      requests.push(`${context.commandName} ${entityOf(args.input)}`);
      return next(args);
    },
    { step: 'initialize', name: 'countRequests' },
  );
  try {
    return { reply: await run(), requests: requests.toSorted() };
  } finally {
    middlewareStack.remove('countRequests');
  }
}

const entityOf = (input: object): string => /"([A-Z]+)#/.exec(JSON.stringify(input))?.[1] ?? '';
