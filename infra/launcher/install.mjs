import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmEnv, runHere } from './child.mjs';

/**
 * Makes node_modules agree with package-lock.json, by `npm ci` where it does not.
 *
 * @throws Error with one sentence when npm fails.
 */
export async function ensureInstalled(root) {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const hash = createHash('sha256').update(lock).digest('hex');
  const marker = join(root, 'node_modules', '.stepgate-install');
  if (read(marker) === hash) return;
  if (!isInstalled(JSON.parse(lock), read(join(root, 'node_modules', '.package-lock.json'))))
    await npm(root, ['ci'], 'Installing… (once; this can take a minute)');
  writeFileSync(marker, hash);
}

/**
 * Whether what npm says it installed is what the lock file asks for; somebody may have run `npm install` by hand.
 * Packages for other platforms are optional and may be missing.
 */
export function isInstalled(lock, hiddenLock) {
  if (hiddenLock === undefined) return false;
  const { packages: present } = JSON.parse(hiddenLock);
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (path === '') return true;
    if (present[path] === undefined) return wanted.optional === true || wanted.devOptional === true;
    return present[path].version === wanted.version && present[path].integrity === wanted.integrity;
  });
}

/** @throws Error with one sentence; what npm itself has to say is on the terminal by then. */
export async function npm(root, args, heading) {
  process.stdout.write(`${heading}\n`);
  const command = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  // npm runs on the machine's Node, and some tools say that they want a later one: they get Node 24 when they run.
  const code = await runHere(command, [...args, ...quiet], {
    cwd: root,
    env: npmEnv(root),
    shell: process.platform === 'win32',
  }).catch(() => {
    throw new Error('npm was not found: Stepgate installs what it needs with npm, which comes with Node.');
  });
  if (code === 0) return;
  if (code > 128) process.exit(code);
  throw new Error(
    `npm ${args[0]} failed (see above). The network or the npm registry may be unreachable from here; ` +
      'once it is, run the same command again.',
  );
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
