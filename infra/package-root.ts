import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Where this package lies. In a checkout the modules that ask lie among their sources; in an installed package they are
 * built into a few files, and lie where none of their sources did.
 */
export const PACKAGE_ROOT = above(import.meta.dirname);

function above(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory;
  if (dirname(directory) === directory) throw new Error('this package of Stepgate is not whole: no package.json');
  return above(dirname(directory));
}
