import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import { writeAll } from './write.ts';

/** What the package offers by name, and where it is written: `exports` of package.json says the same. */
export const ENTRIES = {
  protect: 'shared/protect/require-session.ts',
  'check-session': 'shared/protect/check-session.ts',
  sender: 'shared/delivery/sender.ts',
  construct: 'infra/constructs/stepgate.ts',
  'hosted-pages': 'infra/hosted-pages.ts',
} as const;

/**
 * Builds `dist/package/`: JavaScript and its types, since Node and bundlers read no TypeScript under `node_modules`.
 *
 * Packages stay imports: they are dependencies of this one, and whoever bundles has each of them once.
 */
export async function buildEntries(root: string): Promise<void> {
  const out = join(root, 'dist/package');
  await mkdir(out, { recursive: true });
  const drafts = await mkdtemp(join(root, 'dist/.package-'));
  try {
    const [code, types] = await Promise.all([codeOf(root), typesOf(root, drafts)]);
    await writeAll(out, new Map([...code, ...types]), drafts);
  } finally {
    await rm(drafts, { recursive: true, force: true });
  }
}

async function codeOf(root: string): Promise<ReadonlyMap<string, string>> {
  const build = await rolldown({
    cwd: root,
    input: ENTRIES,
    platform: 'node',
    tsconfig: false,
    external: (id) => !id.startsWith('.') && !isAbsolute(id),
  });
  try {
    const { output } = await build.generate({
      format: 'esm',
      entryFileNames: '[name].mjs',
      chunkFileNames: 'parts/[name]-[hash].mjs',
    });
    return new Map(output.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file.code]] : [])));
  } finally {
    await build.close();
  }
}

/** The declarations of the entries and of what they name, by path from `dist/package/`. */
async function typesOf(root: string, drafts: string): Promise<ReadonlyMap<string, string>> {
  const made = join(drafts, 'types');
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const args = [tsc, '-p', join(root, 'infra/build/types.tsconfig.json'), '--outDir', made];
  await promisify(execFile)(process.execPath, args);
  const texts = new Map<string, string>();
  const waiting: string[] = Object.values(ENTRIES).map((path) => join(made, declarationOf(path)));
  // An array goes on to what is added while it is walked.
  for (const path of waiting) {
    const name = join('types', relative(made, path));
    if (texts.has(name)) continue;
    const text = await readFile(path, 'utf8');
    texts.set(name, text);
    for (const [, found = ''] of text.matchAll(/(?:from |import\()'(\.[^']+)'/g))
      waiting.push(join(dirname(path), declarationOf(found)));
  }
  return texts;
}

const declarationOf = (source: string): string => source.replace(/\.ts$/, '.d.ts');
