import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { beforeAll } from 'vitest';
import { buildCli } from '../../infra/build.ts';
import type { Stepgate } from './stepgate.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What was printed; a test says what it expects of it. */
export type Json = Readonly<Record<string, unknown>>;

/** Escape codes of a terminal. */
// oxlint-disable-next-line eslint/no-control-regex -- that is what is looked for
const ESCAPES = /\u001B\[/;

/**
 * The command `stepgate` as it is built and installed, as a process of its own on this file's table and AWS. No API takes
 * part: the table and the key are named, as in an emergency.
 */
export function useCli(stepgate: Pick<Stepgate, 'app'>) {
  let entry = '';
  beforeAll(async () => {
    entry = await buildCli();
  }, 60_000);

  /** With nothing added. */
  const bare = async (args: readonly string[], { stdin, env = {} }: CliOptions = {}): Promise<Ended> => {
    const child = spawn(process.execPath, [entry, ...args], {
      env: { ...process.env, AWS_EC2_METADATA_DISABLED: 'true', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.on('error', () => {});
    child.stdin.end(stdin ?? '');
    const code = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    if (ESCAPES.test(stdout + stderr)) throw new Error(`escape codes in a pipe: ${JSON.stringify({ stdout, stderr })}`);
    return { code: await code, stdout, stderr };
  };
  const run = (args: readonly string[], options?: CliOptions): Promise<Ended> => {
    const { TABLE_NAME, KMS_KEY_ID } = stepgate.app().config;
    return bare([...args, '--table', TABLE_NAME, '--key', KMS_KEY_ID], options);
  };
  return {
    bare,
    run,
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
