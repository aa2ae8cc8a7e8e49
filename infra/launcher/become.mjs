import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Goes on as another program on the same terminal. Where the system and this Node can, it takes the place of this process,
 * so that there is one process to signal and none that waits; elsewhere it is a child, and signals are passed on to it.
 *
 * @returns the exit code of the child, by the shell's rule 128 + n after a signal.
 */
export async function become(command, args) {
  // A warning that this is new is printed on the next turn, which does not come.
  if (process.platform !== 'win32' && process.execve !== undefined) process.execve(command, [command, ...args]);
  const child = spawn(command, args, { stdio: 'inherit' });
  for (const signal of PASSED_ON) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}
