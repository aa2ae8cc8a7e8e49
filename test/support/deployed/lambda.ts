import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { DeployedFunction } from './template.ts';
import type { Answer, Invocation } from './worker.ts';

/** A function as Lambda runs it: in environments of its own, each with one invocation at a time. */
export interface Lambda {
  /** @throws when the function does, or takes longer than its timeout. */
  invoke(event: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** More than one, so that what two environments share by mistake shows; few, for each is a thread. */
const ENVIRONMENTS = 4;

/** @param env besides the template's: region, credentials, endpoints. @param log takes what the function prints. */
export function runLambda(
  deployed: DeployedFunction,
  env: Readonly<Record<string, string>>,
  log: (text: string) => void,
): Lambda {
  const environments = Array.from({ length: ENVIRONMENTS }, () => environment(deployed, env, log));
  return {
    // The one with the shortest queue, and of those the first, so that a warm one is taken before a cold one.
    invoke: (event) => environments.toSorted((a, b) => a.queued() - b.queued())[0]!.invoke(event),
    stop: async () => void (await Promise.all(environments.map(({ stop }) => stop()))),
  };
}

/** Starts with its first invocation, and anew after one that timed out or crashed. */
function environment(deployed: DeployedFunction, env: Readonly<Record<string, string>>, log: (text: string) => void) {
  let worker: Promise<Worker> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let queued = 0;

  const stop = async (): Promise<void> => {
    const stopped = worker;
    worker = undefined;
    await (await stopped)?.terminate();
  };
  const run = async (event: unknown): Promise<unknown> => {
    worker ??= startWorker(deployed, env, log);
    const answer = await ask(await worker, event, deployed).catch(async (crash: unknown) => {
      await stop();
      throw crash;
    });
    if ('fault' in answer) throw new Error(`${deployed.name} failed: ${answer.fault}`);
    return answer.payload === undefined ? undefined : JSON.parse(answer.payload);
  };
  const invoke = (event: unknown): Promise<unknown> => {
    queued += 1;
    const result = last.then(() => run(event)).finally(() => (queued -= 1));
    last = result.catch(() => {});
    return result;
  };
  return { invoke, queued: () => queued, stop };
}

/** @returns the worker with its bundle loaded. @throws what loading it threw. */
async function startWorker(
  deployed: DeployedFunction,
  env: Readonly<Record<string, string>>,
  log: (text: string) => void,
): Promise<Worker> {
  const [file, handler] = deployed.handler.split('.');
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    env: { ...runtimeEnv(deployed), ...env, ...deployed.env },
    execArgv: [],
    workerData: { entry: join(deployed.directory, `${file}.mjs`), handler },
    stdout: true,
    stderr: true,
  });
  for (const stream of [worker.stdout, worker.stderr]) stream.on('data', (chunk) => log(String(chunk)));
  await once(worker, 'message');
  return worker;
}

async function ask(worker: Worker, event: unknown, { name, timeoutMs, memory }: DeployedFunction): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const timer = setTimeout(() => reject(new Error(`${name} timed out after ${timeoutMs} ms`)), timeoutMs);
  worker.once('message', resolve).once('error', reject).once('exit', reject);
  const awsRequestId = randomUUID();
  const context = { functionName: name, functionVersion: '$LATEST', memoryLimitInMB: String(memory), awsRequestId };
  const invocation: Invocation = { event, context, deadline: Date.now() + timeoutMs };
  worker.postMessage(invocation, []);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    for (const heard of ['message', 'error', 'exit']) worker.removeAllListeners(heard);
  }
}

/** The variables that Lambda itself sets and code might read. */
const runtimeEnv = ({ name, handler, memory, directory }: DeployedFunction) => ({
  PATH: process.env['PATH']!,
  TZ: ':UTC',
  LANG: 'en_US.UTF-8',
  _HANDLER: handler,
  LAMBDA_TASK_ROOT: directory,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memory),
  AWS_LAMBDA_LOG_FORMAT: 'JSON',
});
