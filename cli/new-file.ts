import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { access, link, rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';

/** A file that has its name once it is whole; until then it is beside it, as `<name>.<something>.part`. */
export interface NewFile {
  readonly line: (text: string) => Promise<void>;
  /** Gives it its name. Never over a file that is there, not even one that came meanwhile. */
  readonly keep: () => Promise<void>;
  readonly discard: () => Promise<void>;
}

export const OWNER_ONLY = 0o600;

/** @param refuse says what a failure of the file system means. */
export async function createNewFile(path: string, refuse: (error: unknown) => never): Promise<NewFile> {
  if (await isThere(path)) refuse(Object.assign(new Error('it is there'), { code: 'EEXIST' }));
  const draft = `${path}.${crypto.randomUUID().slice(0, 8)}.part`;
  const stream = createWriteStream(draft, { flags: 'wx', mode: OWNER_ONLY });
  let failure: unknown;
  stream.on('error', (error) => (failure = error));
  await once(stream, 'open').catch(refuse);
  return {
    line: async (text) => {
      if (failure !== undefined) refuse(failure);
      if (!stream.write(`${text}\n`)) await once(stream, 'drain').catch(refuse);
    },
    keep: async () => {
      stream.end();
      await finished(stream).catch(refuse);
      await name(draft, path).catch(refuse);
    },
    discard: async () => {
      stream.destroy();
      await rm(draft, { force: true });
    },
  };
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** A link refuses a name that is taken; where the file system has none, a look has to do. */
async function name(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
    await rm(draft);
  } catch (error) {
    if (await isThere(path)) throw error;
    await rename(draft, path);
  }
}
