import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { beforeAll } from 'vitest';
import { buildCli } from '../../infra/build.ts';
import type { Stepgate } from './stepgate.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** What stdin holds. Absent: nothing. */
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What runs the command; absent: this Node runs the bundle. */
  readonly by?: readonly string[];
}

/** What was printed; a test says what it expects of it. */
export type Json = Readonly<Record<string, unknown>>;

/** A command that runs. */
export interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<Ended>;
  /** Resolves once it has said something like that on stderr; at once where it has ended without. */
  readonly said: (what: RegExp) => Promise<void>;
}

const LAUNCHER = join(import.meta.dirname, '../../cli/stepgate.mjs');

/** The launcher, as a shell starts it. @param node which Node the machine has. */
export const launchedBy = (node: string = process.execPath): readonly string[] => [node, LAUNCHER];

/** The launcher where this process cannot become another one: on Windows, and on every older Node. */
export const launchedAsChild = (): readonly string[] => [
  process.execPath,
  '--import',
  'data:text/javascript,delete process.execve',
  LAUNCHER,
];

/** Escape codes of a terminal. */
// oxlint-disable-next-line eslint/no-control-regex -- that is what is looked for
export const ESCAPES = /\u001B\[/;

/**
 * The command `stepgate` as it is built and installed, as a process of its own on this file's table and AWS. No API takes
 * part: the table and the key are named, as in an emergency.
 */
export function useCli(stepgate: Pick<Stepgate, 'app'>) {
  let entry = '';
  beforeAll(async () => {
    entry = await buildCli();
  }, 60_000);

  /** Leaves stdin open, for a test to write into it. */
  const start = (args: readonly string[], { env = {}, by }: Omit<CliOptions, 'stdin'> = {}): Running => {
    const [command = '', ...before] = by ?? [process.execPath, entry];
    const child = spawn(command, [...before, ...args], {
      env: { ...process.env, AWS_EC2_METADATA_DISABLED: 'true', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.on('error', () => {});
    const read = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8');
      child[name].on('data', (chunk: string) => (read[name] += chunk));
    }
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, ...read }));
    });
    const said = async (what: RegExp): Promise<void> => {
      while (!what.test(read.stderr) && child.exitCode === null && child.signalCode === null)
        await Promise.race([new Promise((resolve) => child.stderr.once('data', resolve)), ended]);
    };
    return { child, ended, said };
  };
  /** With nothing added. */
  const bare = async (args: readonly string[], { stdin, ...options }: CliOptions = {}): Promise<Ended> => {
    const { child, ended } = start(args, options);
    child.stdin.end(stdin ?? '');
    const { code, stdout, stderr } = await ended;
    if (ESCAPES.test(stdout + stderr)) throw new Error(`escape codes in a pipe: ${JSON.stringify({ stdout, stderr })}`);
    return { code, stdout, stderr };
  };
  /** Options that name this file's table. */
  const here = (): readonly string[] => {
    const { TABLE_NAME, KMS_KEY_ID } = stepgate.app().config;
    return ['--table', TABLE_NAME, '--key', KMS_KEY_ID];
  };
  const run = (args: readonly string[], options?: CliOptions): Promise<Ended> => bare([...args, ...here()], options);
  return {
    bare,
    run,
    here,
    entry: () => entry,
    start: (args: readonly string[], options?: Omit<CliOptions, 'stdin'>) => start([...args, ...here()], options),
    /** With `--json`. @throws with what was said where it does not end as `code` says. */
    json: async (args: readonly string[], options: CliOptions & { readonly code?: number } = {}): Promise<Json> =>
      JSON.parse(mustEnd(await run([...args, '--json'], options), options.code ?? 0).stdout),
    /** The same of a stream: one value a line. */
    ndjson: async (args: readonly string[], options: CliOptions & { readonly code?: number } = {}): Promise<Json[]> =>
      mustEnd(await run([...args, '--json'], options), options.code ?? 0)
        .stdout.split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
  };
}

function mustEnd(ended: Ended, code: number): Ended {
  if (ended.code !== code) throw new Error(`ended with ${ended.code}, not ${code}: ${ended.stdout}${ended.stderr}`);
  return ended;
}
