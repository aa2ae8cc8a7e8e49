import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { freePort } from './ports.ts';

export { ensureTable } from './ensure-table.ts';

export type RunningDynamo = {
  readonly endpoint: string;
  /** Resolves when the process is gone. May be called more than once. */
  readonly stop: () => Promise<void>;
};

export type DynamoOptions = {
  /** Left out: any free port. */
  readonly port?: number;
  /** Directory that keeps the data, in `stepgate.db`; made if missing. Left out: in memory. */
  readonly dir?: string;
};

const WITH_PARENT = join(import.meta.dirname, 'with-parent.sh');
const START_MS = 10_000;
const STOP_MS = 500;
const TRIES = 5;

/**
 * Starts the embedded DynamoDB on 127.0.0.1, as a process that cannot outlive this one, not even after `kill -9`.
 *
 * It speaks DynamoDB's HTTP API without authentication and never deletes by TTL.
 *
 * @throws Error with one sentence for a person: the port is taken, or there is no build for this platform.
 */
export async function startDynamo(options: DynamoOptions = {}): Promise<RunningDynamo> {
  const binary = findBinary();
  const storage = options.dir === undefined ? [] : ['--db-path', join(options.dir, 'stepgate.db')];
  if (options.dir !== undefined) await mkdir(options.dir, { recursive: true });
  if (options.port !== undefined) return launch(binary, options.port, storage);
  return launchOnFreePort(binary, storage, TRIES);
}

/** Between choosing a free port and binding it another process may have taken it: so again, with another one. */
async function launchOnFreePort(binary: string, storage: readonly string[], tries: number): Promise<RunningDynamo> {
  try {
    return await launch(binary, await freePort(), storage);
  } catch (error) {
    if (tries <= 1 || !isPortTaken(error)) throw error;
    return launchOnFreePort(binary, storage, tries - 1);
  }
}

const isPortTaken = (error: unknown): boolean => error instanceof Error && error.message.includes('is already in use');

async function launch(binary: string, port: number, storage: readonly string[]): Promise<RunningDynamo> {
  const args = [WITH_PARENT, binary, '--host', '127.0.0.1', '--port', String(port), ...storage];
  // A session of its own: Ctrl-C in a terminal reaches us alone, and we decide when the database goes.
  const child = spawn('sh', args, { detached: true, stdio: ['pipe', 'ignore', 'pipe'] });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = () => stopChild(child, exited);
  try {
    await untilListening(child, port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint: `http://127.0.0.1:${port}`, stop };
}

/** The binary says on stderr that it listens, and there too why it does not. */
function untilListening(child: ChildProcess, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let said = '';
  const timer = setTimeout(() => reject(failure(port, `no answer within ${START_MS / 1000} s`)), START_MS);
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    if (said.length < 4096) said += chunk;
    if (/listening on http/i.test(said)) resolve();
  });
  child.once('error', (error) => reject(failure(port, error.message)));
  child.once('close', () => reject(failure(port, said)));
  return promise.finally(() => clearTimeout(timer));
}

function failure(port: number, said: string): Error {
  if (/already in use|address in use/i.test(said))
    return new Error(`Port ${port} for the embedded DynamoDB is already in use: set DYNAMODB_PORT to a free one.`);
  const reason = said.trim().split('\n').at(0) || 'it ended without a word';
  return new Error(`The embedded DynamoDB did not start on port ${port}: ${reason.replace(/^error: /i, '')}`);
}

async function stopChild(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const timer = setTimeout(killGroup, STOP_MS, child.pid);
  child.stdin?.end();
  await exited;
  clearTimeout(timer);
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It went by itself in the meantime.
  }
}

function findBinary(): string {
  const name = `@dynoxide/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'dynoxide');
  } catch (cause) {
    throw new Error(
      `There is no embedded DynamoDB for this platform (${name} is not installed): set DYNAMODB_ENDPOINT to a running DynamoDB Local, such as http://localhost:8000.`,
      { cause },
    );
  }
}
