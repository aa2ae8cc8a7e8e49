import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import * as v from 'valibot';

/** One execution environment: loads a bundle as Lambda does, then answers one invocation at a time. */

export interface Invocation {
  readonly event: unknown;
  readonly context: Readonly<Record<string, unknown>>;
  readonly deadline: number;
}
export type Answer = { readonly payload: string | undefined } | { readonly fault: string };

const { entry, handler } = v.parse(v.object({ entry: v.string(), handler: v.string() }), workerData);
const port = parentPort!;
const bundle: Record<string, (event: unknown, context: unknown) => unknown> = await import(pathToFileURL(entry).href);

port.on('message', (invocation: Invocation) => void run(invocation).then((answer) => port.postMessage(answer)));
port.postMessage('ready');

async function run({ event, context, deadline }: Invocation): Promise<Answer> {
  const remaining = { ...context, getRemainingTimeInMillis: () => deadline - Date.now() };
  try {
    // Through JSON, as the runtime does: what does not survive that never reaches the gateway.
    return { payload: JSON.stringify(await bundle[handler]!(event, remaining)) };
  } catch (error) {
    return { fault: error instanceof Error ? String(error.stack) : String(error) };
  }
}
