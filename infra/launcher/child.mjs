import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const PARENT_CHECK_MS = 200;

/** The environment for the project's own tools: `.bin` first, so that `node` is the Node that runs the service. */
export const toolEnv = (root, node) => ({
  ...process.env,
  PATH: [join(root, 'node_modules', '.bin'), dirname(node), process.env.PATH ?? ''].join(delimiter),
});

/** The environment for npm itself, which must not run on a Node that it is about to replace. */
export const npmEnv = (root) => ({
  ...process.env,
  PATH: (process.env.PATH ?? '')
    .split(delimiter)
    .filter((entry) => !entry.startsWith(join(root, 'node_modules')))
    .join(delimiter),
});

/** Resolves to the exit code, by the shell's rule 128 + n after a signal. @throws when it cannot be started. */
export function exitOf(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/** Runs a command on this terminal until it ends; what asks us to end asks it to end. */
export async function runHere(command, args, options, onStart = () => {}) {
  const child = spawn(command, args, { stdio: 'inherit', ...options });
  onStart(child);
  const forget = forwardSignals((signal) => child.kill(signal));
  try {
    return await exitOf(child);
  } finally {
    forget();
  }
}

/**
 * Passes signals on until the returned function is called; that npm is gone counts as SIGTERM.
 *
 * npm may be killed without a word, and the shell that it puts between itself and us passes nothing on.
 */
export function forwardSignals(send) {
  const handlers = SIGNALS.map((signal) => [signal, () => send(signal)]);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  const before = lineage();
  const watch = setInterval(() => {
    if (lineage() !== before) send('SIGTERM');
  }, PARENT_CHECK_MS);
  return () => {
    clearInterval(watch);
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}

/** Who stands between us and npm, npm included. Constant when npm did not start us: then we may outlive our parent. */
function lineage() {
  if (process.env.npm_lifecycle_event === undefined) return '';
  const parent = process.ppid;
  const isShell = read(`/proc/${parent}/cmdline`).includes('run.mjs');
  return isShell ? `${parent} ${/^PPid:.*$/m.exec(read(`/proc/${parent}/status`))?.[0]}` : String(parent);
}

/** Empty where there is no such file, as on other systems. */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
