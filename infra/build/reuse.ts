import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Metafile } from 'esbuild';

/** What a bundle was made from and by, as one hash. */
export type Fingerprint = (inputs: readonly string[]) => Promise<string>;

/**
 * Reads each file once, however many bundles hold it: nine bundles share nearly all of the SDK.
 *
 * By content, not by time. Packages and this build itself count in, for they decide how the same sources are read.
 */
export function fingerprints(root: string): Fingerprint {
  const hashes = new Map<string, Promise<string>>();
  const hashOf = (path: string): Promise<string> => {
    const known = hashes.get(path);
    if (known !== undefined) return known;
    const hash = readFile(join(root, path)).then((content) => createHash('sha256').update(content).digest('hex'));
    hashes.set(path, hash);
    return hash;
  };
  return async (inputs) => {
    const paths = [
      ...inputs,
      'package.json',
      'package-lock.json',
      'tsconfig.json',
      'infra/build.ts',
      'infra/build/plain-keys.ts',
    ].toSorted();
    const lines = await Promise.all(paths.map(async (path) => `${path} ${await hashOf(path)}`));
    return createHash('sha256').update(lines.join('\n')).digest('hex');
  };
}

/**
 * The inventory of a bundle that is still right.
 *
 * @returns undefined when there is none, an input has changed, or the outputs are not those that were written.
 */
export async function standing(
  root: string,
  inventory: string,
  fingerprint: Fingerprint,
): Promise<Metafile | undefined> {
  try {
    const { made, metafile }: Inventory = JSON.parse(await readFile(inventory, 'utf8'));
    const isSame =
      (await areThere(root, metafile.outputs)) && made === (await fingerprint(Object.keys(metafile.inputs)));
    return isSame ? metafile : undefined;
  } catch {
    // Nothing built yet, a file that is gone, half an inventory: all of them mean to build.
    return undefined;
  }
}

/** These files, of these sizes, and no others: one more would be uploaded too. */
async function areThere(root: string, outputs: Metafile['outputs']): Promise<boolean> {
  const code = Object.entries(outputs).filter(([path]) => path.endsWith('.mjs'));
  const sizes = await Promise.all(code.map(async ([path, { bytes }]) => (await stat(join(root, path))).size === bytes));
  const present = await readdir(join(root, dirname(code[0]![0])));
  return sizes.every(Boolean) && present.length === code.length;
}

/** What is kept beside the source maps. */
export interface Inventory {
  readonly made: string;
  readonly metafile: Metafile;
}
