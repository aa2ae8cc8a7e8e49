import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import cliProgress from 'cli-progress';
import { EXIT } from './exit-codes.ts';
import { CommandFailure, type Failure } from './failure.ts';
import { findingLines } from './findings.ts';

/** A stream that may be a terminal. */
export type Screen = NodeJS.WritableStream & { readonly isTTY?: boolean };

export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Screen;
  readonly stderr: Screen;
}

export interface Progress {
  readonly update: (done: number) => void;
  readonly stop: () => void;
}

/** Where a command speaks. Results go to stdout, everything else to stderr, so that a pipe gets results alone. */
export interface Terminal {
  readonly isJson: boolean;
  /** The one answer of a command: a JSON document, or its text. */
  readonly result: (value: unknown, text: () => string) => Promise<void>;
  /** One of many: a line of NDJSON, or of text. */
  readonly row: (value: unknown, text: () => string) => Promise<void>;
  /** As it is, with or without `--json`. */
  readonly line: (text: string) => Promise<void>;
  /** For people, in passing. Nothing with `--json`. */
  readonly note: (sentence: string) => void;
  /** Something a person or a script should know, although the command goes on. */
  readonly warn: (sentence: string) => void;
  readonly fail: (failure: Failure) => void;
  /** @returns undefined where there is nobody to ask. @throws CommandFailure at Ctrl-C. */
  readonly ask: (question: string) => Promise<string | undefined>;
  /** Shown on a terminal only. `total`: where it is known. */
  readonly progress: (unit: string, total?: number) => Progress;
  /** The same for what is noted. */
  readonly errorPaint: Terminal['paint'];
  /** Bold, red and so on, where results go to a terminal and NO_COLOR is not set. */
  readonly paint: Readonly<Record<'bold' | 'red' | 'yellow' | 'green' | 'dim', (text: string) => string>>;
}

const CODES = { bold: [1, 22], red: [31, 39], yellow: [33, 39], green: [32, 39], dim: [2, 22] } as const;

const painter = (isOn: boolean): Terminal['paint'] => {
  const paint =
    ([on, off]: readonly [number, number]) =>
    (text: string) =>
      isOn ? `\u001B[${on}m${text}\u001B[${off}m` : text;
  return {
    bold: paint(CODES.bold),
    red: paint(CODES.red),
    yellow: paint(CODES.yellow),
    green: paint(CODES.green),
    dim: paint(CODES.dim),
  };
};

export function openTerminal(
  { stdin, stdout, stderr }: Streams,
  { isJson, noColor }: { readonly isJson: boolean; readonly noColor: boolean },
): Terminal {
  const paint = painter(stdout.isTTY === true && !noColor);
  const errorPaint = painter(stderr.isTTY === true && !noColor);
  /** Waits where the reader is slower than we are: a walk over all users is not kept in memory. */
  const write = async (text: string): Promise<void> => {
    if (!stdout.write(`${text}\n`)) await once(stdout, 'drain');
  };
  const complain = (text: string): void => void stderr.write(`${text}\n`);
  return {
    isJson,
    paint,
    errorPaint,
    result: (value, text) => write(isJson ? JSON.stringify(value, undefined, 2) : text()),
    row: (value, text) => write(isJson ? JSON.stringify(value) : text()),
    line: write,
    note: (sentence) => {
      if (!isJson) complain(sentence);
    },
    warn: (sentence) => {
      complain(isJson ? JSON.stringify({ warning: sentence }) : `${errorPaint.yellow('warning:')} ${sentence}`);
    },
    fail: ({ exitCode, code, message, next, findings }) => {
      if (isJson) return complain(JSON.stringify({ error: { code, message, next, exitCode, findings } }));
      complain(`${errorPaint.red('stepgate:')} ${message}`);
      if (findings !== undefined) complain(findingLines(findings, { paint: errorPaint }));
      if (next !== undefined) complain(next);
    },
    ask: async (question) =>
      stdin.isTTY === true && stderr.isTTY === true ? answerTo(question, { stdin, stderr }) : undefined,
    progress: (unit, total) => startProgress(stderr, unit, total),
  };
}

/** The end of input (Ctrl-D) is an empty answer. @throws CommandFailure at Ctrl-C. */
function answerTo(question: string, { stdin, stderr }: Omit<Streams, 'stdout'>): Promise<string> {
  const lines = createInterface({ input: stdin, output: stderr });
  return new Promise<string>((resolve, reject) => {
    lines.question(`${question} `).then(resolve, reject);
    lines.once('close', () => resolve(''));
    lines.once('SIGINT', () => {
      stderr.write('\n');
      reject(new CommandFailure({ exitCode: EXIT.interrupted, code: 'interrupted', message: 'Nothing was changed.' }));
    });
  }).finally(() => lines.close());
}

function startProgress(stderr: Screen, unit: string, total: number | undefined): Progress {
  if (stderr.isTTY !== true) return { update: () => {}, stop: () => {} };
  const share = total === undefined ? `{value} ${unit}` : `[{bar}] {value} of {total} ${unit}`;
  const bar = new cliProgress.SingleBar({
    stream: stderr,
    format: `${share}, {duration_formatted}`,
    clearOnComplete: true,
    fps: 5,
  });
  bar.start(total ?? 0, 0);
  return {
    update: (done) => {
      if (total === undefined) bar.setTotal(done);
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}
