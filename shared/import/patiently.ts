import { setTimeout as sleep } from 'node:timers/promises';

const TRIES = 8;

const PASSING = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'TransactionInProgressException',
  'TransactionConflictException',
  'InternalServerError',
  'ServiceUnavailable',
  'TimeoutError',
  // With reasons that are not conditions: those are answers.
  'TransactionCanceledException',
]);

/** What another try, a little later, may not meet again. */
const isPassing = (error: unknown): boolean =>
  error instanceof Error &&
  (PASSING.has(error.name) || ('code' in error && ['ECONNRESET', 'ETIMEDOUT', 'EPIPE'].includes(String(error.code))));

/** Throttling and conflicts pass; pauses grow to six seconds, with full jitter. */
export async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await call();
    } catch (error) {
      if (tried >= TRIES || !isPassing(error)) throw error;
      await sleep(Math.random() * 50 * 2 ** tried);
    }
  }
}
