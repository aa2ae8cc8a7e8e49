import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** What one piece of work asked of DynamoDB. */
export interface Flow {
  /** HTTP requests, retries included. */
  readonly requests: number;
  /** The longest chain of requests of which each began after another had ended: round trips that somebody waits for. */
  readonly waves: number;
  /** Consumed capacity as DynamoDB reported it. */
  readonly reads: number;
  readonly writes: number;
  /** Commands in the order they began. */
  readonly commands: readonly string[];
}

export const NO_FLOW: Flow = { requests: 0, waves: 0, reads: 0, writes: 0, commands: [] };

interface Sent {
  readonly command: string;
  readonly began: number;
  ended: number;
  units: number;
}

/**
 * Answers are held back this long: on the loopback one can be there before the request is sent that is sent beside it,
 * after a token was signed, for instance. As on a network, both are then in flight together; long enough for a machine
 * that has much else to do.
 */
const NETWORK_MS = 100;

const READS = new Set(['GetItemCommand', 'QueryCommand', 'BatchGetItemCommand']);

/** Counts what a client sends, from inside it. Costs next to nothing while nothing is counted. */
export function countRequests(db: DynamoDBDocumentClient): { during: (work: () => Promise<unknown>) => Promise<Flow> } {
  let sent: Sent[] | undefined;
  // Order, not time: events of one thread have a total order, and no clock's resolution gets between them.
  let order = 0;

  db.middlewareStack.add(
    (next) => (args) =>
      next(sent === undefined ? args : { ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } }),
    { name: 'askForCapacity', step: 'initialize' },
  );
  // Inside of the retries: each attempt passes here.
  db.middlewareStack.add(
    (next, context) => async (args) => {
      if (sent === undefined) return next(args);
      const request: Sent = { command: String(context.commandName), began: (order += 1), ended: Infinity, units: 0 };
      sent.push(request);
      try {
        const result = await next(args);
        request.units = unitsOf(result.output ?? {});
        return result;
      } finally {
        await sleep(NETWORK_MS);
        request.ended = order += 1;
      }
    },
    { name: 'countRequests', step: 'deserialize', priority: 'high' },
  );

  return {
    during: async (work) => {
      const mine: Sent[] = (sent = []);
      try {
        await work();
      } finally {
        sent = undefined;
      }
      return flowOf(mine);
    },
  };
}

export const together = (flows: readonly Flow[]): Flow => ({
  requests: sum(flows, ({ requests }) => requests),
  waves: sum(flows, ({ waves }) => waves),
  reads: sum(flows, ({ reads }) => reads),
  writes: sum(flows, ({ writes }) => writes),
  commands: flows.flatMap(({ commands }) => commands),
});

function flowOf(sent: readonly Sent[]): Flow {
  return {
    requests: sent.length,
    waves: longestChain(sent),
    reads: sum(sent, ({ command, units }) => (READS.has(command) ? units : 0)),
    writes: sum(sent, ({ command, units }) => (READS.has(command) ? 0 : units)),
    commands: sent.map(({ command }) => command.replace(/Command$/, '')),
  };
}

/** Taking always the one that ends first leaves the most room for others behind it. */
function longestChain(sent: readonly Sent[]): number {
  let [length, end] = [0, 0];
  for (const { began, ended } of sent.toSorted((a, b) => a.ended - b.ended)) {
    if (began > end) [length, end] = [length + 1, ended];
  }
  return length;
}

interface Capacity {
  readonly CapacityUnits?: number;
}

/** One object, or one per table where a request may name several. */
function unitsOf(output: object): number {
  const consumed = 'ConsumedCapacity' in output ? (output.ConsumedCapacity as Capacity | readonly Capacity[]) : [];
  return sum([consumed].flat(), ({ CapacityUnits = 0 }) => CapacityUnits);
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);
