import { utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildCli } from './build.ts';

/**
 * What `cli/stepgate.mjs` runs where its sources are younger than `dist/command/built`; what is right already is not
 * built again, and is as young as this look from now on.
 */
const built = join(dirname(await buildCli()), '..', 'built');
const now = new Date();
await utimes(built, now, now).catch(() => writeFile(built, ''));
