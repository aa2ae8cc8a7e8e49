import { join } from 'node:path';
import { runHere, toolEnv } from './child.mjs';

/** Measures; arguments after the command go to the benchmark. */
export function run({ root, node }) {
  const args = [join(root, 'bench', 'bench.ts'), ...process.argv.slice(3)];
  return runHere(node, args, { cwd: root, env: toolEnv(root, node) });
}
