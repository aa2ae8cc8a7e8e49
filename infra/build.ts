import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BundledFile, bundle, type Credentials } from './build/bundle.ts';
import { buildPages } from './pages/build.ts';
import { type Fingerprint, fingerprints, type Inventory, standing } from './build/reuse.ts';
import { writeAll } from './build/write.ts';

/** What Lambda reads at a cold start, and what it reads only when a request asks for it. */
export interface Size {
  readonly staticBytes: number;
  readonly lazyBytes: number;
}

export interface BuildOptions {
  /** Directory with one directory per function. Relative to the repository. */
  readonly functions?: string;
  /** Where the bundles go. Relative to the repository. */
  readonly out?: string;
}

/** Most that a function may read at a cold start, SDK included: design.md §8, with 1 KB = 1000 bytes. */
export const STATIC_LIMIT = 450_000;

const ROOT = join(import.meta.dirname, '..');

/**
 * Bundles every `functions/<name>/index.ts` into `dist/<name>/`, ready for `Code.fromAsset`.
 *
 * The same sources give the same bytes, and what is right already is neither built nor written again: an asset's hash
 * changes only with the code, the second build takes a tenth of the first, and builds that run at the same time do not
 * disturb each other. Source maps name the sources but do not hold them, and lie in `dist/maps/`, outside what is
 * uploaded.
 */
export async function buildFunctions({ functions = 'functions', out = 'dist' }: BuildOptions = {}): Promise<
  Record<string, Size>
> {
  const entries = await readdir(join(ROOT, functions), { recursive: true });
  const names = entries.flatMap((entry) => /^([^/\\]+)[/\\]index\.ts$/.exec(entry)?.[1] ?? []).toSorted();
  const fingerprint = fingerprints(ROOT);
  const sizes: Record<string, Size> = {};
  // One after the other: the bundler uses every processor for one function already, and several at once only take memory.
  for (const name of names) {
    const directory = join(ROOT, out);
    const kept = await standing(directory, name, fingerprint);
    const entry = `${functions}/${name}/index.ts`;
    sizes[name] = sizeOf(kept ?? (await build(entry, name, directory, fingerprint)));
  }
  return sizes;
}

/** One sentence per function that is too large; empty when all fit. */
export function overLimit(sizes: Readonly<Record<string, Size>>, limit = STATIC_LIMIT): readonly string[] {
  return Object.entries(sizes)
    .filter(([, { staticBytes }]) => staticBytes > limit)
    .map(
      ([name, { staticBytes }]) =>
        `${name} reads ${staticBytes} bytes at a cold start, ${staticBytes - limit} more than the ${limit} allowed: ` +
        `import what few requests need dynamically (dist/maps/${name}/meta.json says what is in it).`,
    );
}

/** Bundles the command `stepgate` into `dist/command/cli/`: with all of the SDK's ways to credentials, for people. */
export async function buildCli(): Promise<string> {
  const [directory, name] = [join(ROOT, 'dist/command'), 'cli'];
  const fingerprint = fingerprints(ROOT);
  const kept = await standing(directory, name, fingerprint);
  if (kept === undefined) await build('cli/main.ts', name, directory, fingerprint, 'chain');
  return join(directory, name, 'index.mjs');
}

/** Code to `<out>/<name>/`, maps and the inventory to `<out>/maps/<name>/`; what earlier builds left there goes. */
async function build(
  entry: string,
  name: string,
  out: string,
  fingerprint: Fingerprint,
  credentials: Credentials = 'environment',
) {
  const { inputs, files } = await bundle(ROOT, entry, join(out, name), credentials);
  const described = files.map(({ name: file, bytes, eager, sources }) => ({ name: file, bytes, eager, sources }));
  const inventory: Inventory = { made: await fingerprint(inputs), inputs, files: described };
  const maps = new Map([['meta.json', JSON.stringify(inventory)]]);
  for (const { name: file, map } of files) if (map !== '') maps.set(`${file}.map`, map);
  const code = new Map(files.map((file) => [file.name, file.code]));
  await mkdir(out, { recursive: true });
  await Promise.all([writeAll(join(out, 'maps', name), maps, out), writeAll(join(out, name), code, out)]);
  return described;
}

function sizeOf(files: readonly BundledFile[]): Size {
  const bytes = (isEager: boolean) => files.reduce((sum, file) => sum + (file.eager === isEager ? file.bytes : 0), 0);
  return { staticBytes: bytes(true), lazyBytes: bytes(false) };
}

const kb = (bytes: number) => `${(bytes / 1000).toFixed(1)} KB`.padStart(10);

if (import.meta.main) {
  const sizes = await buildFunctions();
  await buildCli();
  const { scriptGzipBytes } = await buildPages(join(ROOT, 'dist/pages'));
  process.stdout.write(`${'pages'.padEnd(16)}${kb(scriptGzipBytes)} of script, gzipped\n`);
  for (const [name, { staticBytes, lazyBytes }] of Object.entries(sizes)) {
    process.stdout.write(`${name.padEnd(16)}${kb(staticBytes)} at start${kb(lazyBytes)} on demand\n`);
  }
  for (const sentence of overLimit(sizes)) {
    process.stderr.write(`${sentence}\n`);
    process.exitCode = 1;
  }
}
