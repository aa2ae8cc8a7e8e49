import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** Why there can be no terminal here; undefined: there can. */
export const noTerminal: string | undefined = /util-linux/.test(
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '',
)
  ? undefined
  : 'no terminal can be made here: it takes script of util-linux';

export interface Shown {
  readonly code: number | null;
  /** All that the terminal was given, stdout and stderr in one, with what was typed. */
  readonly screen: string;
}

/**
 * Runs a line of shell on a terminal of its own.
 *
 * @param typed is typed when the screen shows a question (`[y/N]`).
 */
export async function onTerminal(
  line: string,
  { env = {}, typed = '' }: { readonly env?: Readonly<Record<string, string>>; readonly typed?: string } = {},
): Promise<Shown> {
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm', AWS_EC2_METADATA_DISABLED: 'true', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.on('error', () => {});
  let seen = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const before = seen;
    seen += chunk.toString();
    if (/\[y\/N\] /.test(seen) && !/\[y\/N\] /.test(before)) child.stdin.write(typed);
  });
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  const screen = await text(child.stdout);
  child.stdin.end();
  return { code: await code, screen };
}
