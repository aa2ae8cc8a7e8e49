import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PACKAGE = 'chromium';

/**
 * A Chromium for the browser tests: `STEPGATE_CHROMIUM`, one on the PATH, or, as root on Debian, its package.
 *
 * npm has no browser to offer, so elsewhere one must be there already; without one the browser tests are skipped and say why.
 *
 * @returns the environment that the tests read.
 */
export function chromiumEnv() {
  const found = process.env.STEPGATE_CHROMIUM ?? onPath() ?? (installed() ? onPath() : undefined);
  return found === undefined ? {} : { STEPGATE_CHROMIUM: found };
}

const onPath = () =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((dir) => NAMES.map((name) => join(dir, name)))
    .find((path) => existsSync(path));

function installed() {
  if (!isRootOnDebian()) return false;
  process.stdout.write('Installing Chromium for the browser tests… (once; this can take a minute)\n');
  return apt('update') && apt('install', '-y', '--no-install-recommends', PACKAGE);
}

function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', ['-qq', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}

function isRootOnDebian() {
  if (process.getuid?.() !== 0) return false;
  try {
    return /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}
