import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundledFile } from './bundle.ts';

/** What a bundle was made from and by, as one hash. */
export type Fingerprint = (inputs: readonly string[]) => Promise<string>;

/**
 * Reads each file once, however many bundles hold it: bundles share nearly all of the SDK.
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
      'infra/build/bundle.ts',
      'infra/build/one-by-one.ts',
      'infra/build/plain-keys.ts',
    ].toSorted();
    const lines = await Promise.all(paths.map(async (path) => `${path} ${await hashOf(path)}`));
    return createHash('sha256').update(lines.join('\n')).digest('hex');
  };
}

/** What is kept beside the source maps. */
export interface Inventory {
  readonly made: string;
  readonly inputs: readonly string[];
  readonly files: readonly BundledFile[];
}

/**
 * The files of a bundle that is still right.
 *
 * @returns undefined when there is none, an input has changed, or the files are not those that were written.
 */
export async function standing(
  out: string,
  name: string,
  fingerprint: Fingerprint,
): Promise<readonly BundledFile[] | undefined> {
  try {
    const kept: Inventory = JSON.parse(await readFile(join(out, 'maps', name, 'meta.json'), 'utf8'));
    const isSame = (await areThere(join(out, name), kept.files)) && kept.made === (await fingerprint(kept.inputs));
    return isSame ? kept.files : undefined;
  } catch {
    // Nothing built yet, a file that is gone, half an inventory: all of them mean to build.
    return undefined;
  }
}

/** These files, of these sizes, and no others: one more would be uploaded too. */
async function areThere(directory: string, files: readonly BundledFile[]): Promise<boolean> {
  const sizes = await Promise.all(
    files.map(async ({ name, bytes }) => (await stat(join(directory, name))).size === bytes),
  );
  const present = await readdir(directory);
  return sizes.every(Boolean) && present.length === files.length;
}
