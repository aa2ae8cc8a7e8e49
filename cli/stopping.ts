import { EXIT, type ExitCode } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';

const EXITS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;
type Stop = keyof typeof EXITS;

/** A terminal, npx and a launcher may each pass on one and the same Ctrl-C. */
const ONE_MS = 300;

/**
 * Asked to end (Ctrl-C, `kill`), the process goes on to the next place from which the same command can be resumed. Asked
 * again, it ends where it is.
 *
 * @param said called at the first time.
 * @returns aborted from the first time on.
 */
export function stopOnSignal(
  process: Pick<NodeJS.Process, 'on' | 'exit'>,
  said: (signal: NodeJS.Signals) => void,
): AbortSignal {
  const stopping = new AbortController();
  let since = 0;
  const onSignal = (signal: Stop): void => {
    if (stopping.signal.aborted) {
      if (performance.now() - since > ONE_MS) process.exit(EXITS[signal]);
      return;
    }
    since = performance.now();
    stopping.abort(signal);
    said(signal);
  };
  process.on('SIGINT', () => onSignal('SIGINT'));
  process.on('SIGTERM', () => onSignal('SIGTERM'));
  return stopping.signal;
}

/** Of a command that was asked to end, by the shell's rule 128 + n. */
export const exitOfStop = ({ reason }: AbortSignal): ExitCode => (reason === 'SIGTERM' ? EXITS.SIGTERM : EXITS.SIGINT);

/** @param next how to go on. */
export const brokenOff = (stopping: AbortSignal, next: string): CommandFailure =>
  new CommandFailure({ exitCode: exitOfStop(stopping), code: 'interrupted', message: 'It was broken off.', next });

/** Rejects with what `brokenOff` says whatever ends a piece of work that was asked to end. */
export async function unlessStopped<T>(work: Promise<T>, stopping: AbortSignal, next: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw stopping.aborted && !(error instanceof CommandFailure) ? brokenOff(stopping, next) : error;
  }
}
