import { join } from 'node:path';
import { runHere, toolEnv } from './child.mjs';

/** Those that take minutes and are asked for by name; the rest is one benchmark. */
const APART = ['import', 'simulate'];

/** Measures; arguments after the command go to the benchmark. */
export function run({ root, node }) {
  const given = process.argv.slice(3);
  const apart = APART.find((name) => name === given[0]);
  const args = [join(root, 'bench', `${apart ?? 'bench'}.ts`), ...given];
  return runHere(node, args, { cwd: root, env: toolEnv(root, node) });
}
