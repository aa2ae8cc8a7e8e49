import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Makes a directory hold these files and no others, by path from it. What is right already is not touched, and a reader
 * never sees half a file: the text is complete, in `drafts`, before it gets its name.
 */
export async function writeAll(directory: string, wanted: ReadonlyMap<string, string>, drafts: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await Promise.all([...wanted].map(([path, text]) => writeChanged(join(directory, path), text, drafts)));
  const present = await readdir(directory, { recursive: true, withFileTypes: true });
  const left = present
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !wanted.has(path.slice(directory.length + 1)));
  await Promise.all(left.map((path) => rm(path, { force: true })));
}

async function writeChanged(path: string, text: string, drafts: string): Promise<void> {
  const present = await readFile(path, 'utf8').catch(() => undefined);
  if (present === text) return;
  const draft = join(drafts, `.${process.pid}-${crypto.randomUUID()}`);
  await writeFile(draft, text);
  await mkdir(dirname(path), { recursive: true });
  await rename(draft, path);
}
