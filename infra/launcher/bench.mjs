import { join } from 'node:path';
import { runHere, toolEnv } from './child.mjs';

/** Measures; arguments after the command go to the benchmark. `simulate` is one of its own: it takes minutes. */
export function run({ root, node }) {
  const [name, ...others] = process.argv.slice(3);
  const isNamed = name === 'simulate';
  const args = [
    join(root, 'bench', isNamed ? 'simulate.ts' : 'bench.ts'),
    ...(isNamed ? others : process.argv.slice(3)),
  ];
  return runHere(node, args, { cwd: root, env: toolEnv(root, node) });
}
