import { join } from 'node:path';
import { buildCli, buildFunctions } from './build.ts';
import { buildEntries } from './build/package.ts';
import { buildPages } from './pages/build.ts';

/** Everything that an installed package has and a checkout has not: `npm pack` runs it. */
const ROOT = join(import.meta.dirname, '..');
await buildFunctions();
await buildCli();
await buildPages(join(ROOT, 'dist/pages'));
await buildEntries(ROOT);
