type Stop = () => Promise<void>;

const SAME_KEY_PRESS_MS = 400;
const LONGEST_MS = 1000;

/**
 * Ends the process cleanly on Ctrl-C, on a request to end, and when the launcher that started it is gone.
 *
 * One Ctrl-C can arrive several times (from the terminal, from npm, from the launcher), so only one that comes later
 * counts as the second, which does not wait.
 */
export function stopOnSignals(stop: Stop): void {
  let since: number | undefined;
  const onSignal = () => {
    if (since === undefined) {
      since = performance.now();
      void endAfter(stop);
    } else if (performance.now() - since > SAME_KEY_PRESS_MS) process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  if (process.connected) process.once('disconnect', onSignal);
}

async function endAfter(stop: Stop): Promise<void> {
  setTimeout(() => process.exit(1), LONGEST_MS);
  try {
    await stop();
    process.exit(0);
  } catch {
    process.exit(1);
  }
}
