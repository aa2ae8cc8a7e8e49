import { createReadStream } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { badInput } from './failure.ts';
import { createNewFile, type NewFile, OWNER_ONLY } from './new-file.ts';
import type { Streams } from './terminal.ts';

/** The files of this machine; what is written may hold personal data and is for its owner alone. `-` is stdin. */
export interface Files {
  /** @throws CommandFailure when it cannot be read. */
  readonly read: (path: string) => Promise<string>;
  /** @returns undefined where there is none. */
  readonly readIfThere: (path: string) => Promise<string | undefined>;
  /** For what does not fit into memory. */
  readonly stream: (path: string) => AsyncIterable<Uint8Array>;
  /** Whole or not at all, also when the process is killed meanwhile. */
  readonly save: (path: string, content: string) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
  /** A new file, line by line. @throws CommandFailure for one that is there already. */
  readonly create: (path: string) => Promise<NewFile>;
}

export const localFiles = ({ stdin }: Pick<Streams, 'stdin'>): Files => ({
  read: (path) => (path === '-' ? text(stdin) : readFile(path, 'utf8')).catch(refuse(path, 'read')),
  readIfThere: (path) =>
    readFile(path, 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw unusable(path, 'read', error);
    }),
  stream: (path) => streamed(path, stdin),
  save: async (path, content) => {
    const draft = `${path}.${crypto.randomUUID()}`;
    await writeFile(draft, content, { mode: OWNER_ONLY }).catch(refuse(path, 'written'));
    await rename(draft, path);
  },
  remove: (path) => rm(path, { force: true }),
  create: (path) => createNewFile(path, refuse(path, 'written')),
});

async function* streamed(path: string, stdin: Streams['stdin']): AsyncIterable<Uint8Array> {
  try {
    yield* path === '-' ? stdin : createReadStream(path);
  } catch (error) {
    throw codeOf(error) === '' ? error : unusable(path, 'read', error);
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'you may not',
  EISDIR: 'it is a directory',
  EEXIST: 'it is there already, and is not overwritten',
};

const unusable = (path: string, what: string, error: unknown) =>
  badInput(`${path} cannot be ${what}: ${REASONS[codeOf(error)] ?? (error instanceof Error ? error.message : '')}.`);

const refuse =
  (path: string, what: string) =>
  (error: unknown): never => {
    throw unusable(path, what, error);
  };
