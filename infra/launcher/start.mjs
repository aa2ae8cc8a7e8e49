import { join } from 'node:path';
import { runHere, toolEnv } from './child.mjs';

/** Runs the service until somebody stops it. The channel to it tells it when we are gone, `kill -9` included. */
export function run({ root, node }) {
  return runHere(node, [join(root, 'infra', 'local.ts')], {
    cwd: root,
    env: toolEnv(root, node),
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
}
