import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmEnv, runHere } from './child.mjs';

/**
 * Makes node_modules agree with package-lock.json, by `npm install` where it does not.
 *
 * Not `npm ci`: it wants an entry for every platform's variant of a tool, and refuses the whole lock file when the
 * registry that wrote it did not have them all. `--no-save` installs what is locked all the same and changes neither
 * the lock file nor package.json.
 *
 * @throws Error with one sentence when npm fails.
 */
export async function ensureInstalled(root) {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const hash = createHash('sha256').update(lock).digest('hex');
  const marker = join(root, 'node_modules', '.stepgate-install');
  if (read(marker) === hash) return;
  if (!isInstalled(JSON.parse(lock), read(join(root, 'node_modules', '.package-lock.json'))))
    await npm(root, ['install', '--no-save'], 'Installing… (once; this can take a minute)');
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

/** @throws Error with one sentence and the gist of what npm had to say. */
export async function npm(root, args, heading) {
  process.stdout.write(`${heading}\n`);
  const { code, said } = await runNpm(root, [...args, '--no-audit', '--no-fund', '--loglevel=error']);
  if (code === 0) return;
  if (code > 128) process.exit(code);
  throw new Error(
    `${gistOf(said)}npm ${args[0]} failed. The network or the npm registry may be unreachable from here; ` +
      'when it is back, run the same command again.',
  );
}

/** npm runs on the machine's Node; what it installs runs on Node 24, so its warnings about engines are kept back. */
async function runNpm(root, args) {
  const isWindows = process.platform === 'win32';
  const options = { cwd: root, env: npmEnv(root), shell: isWindows, stdio: ['ignore', 'inherit', 'pipe'] };
  let said = '';
  const listen = (child) => child.stderr.on('data', (chunk) => (said += chunk));
  const code = await runHere(isWindows ? 'npm.cmd' : 'npm', args, options, listen).catch(() => {
    throw new Error('npm was not found: Stepgate installs what it needs with npm, which comes with Node.');
  });
  return { code, said };
}

/** The first lines of npm's errors, without its stack traces. */
function gistOf(said) {
  const lines = said.split('\n').filter((line) => /^npm (error|ERR!) \S/.test(line));
  return lines
    .slice(0, 4)
    .map((line) => `${line}\n`)
    .join('');
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
