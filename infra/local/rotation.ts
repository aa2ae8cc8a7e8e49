import type { App } from '../../shared/app.ts';
import { rotateKeys } from '../../shared/dynamo/rotate-keys.ts';
import { keyTimes } from '../../shared/keys/key-times.ts';
import { kmsEnvelope } from '../../shared/keys/kms-envelope.ts';

const HOUR = 3_600_000;

/** What the stack's schedule does, in step with KEY_ROTATION_SECONDS. Keeps no process alive. */
export function keepRotating({ table, clock, config, log }: App): void {
  const times = keyTimes(config);
  const deps = { table, clock, times, envelope: kmsEnvelope(config.KMS_KEY_ID) };
  const look = (): void => {
    rotateKeys(deps).then(
      (keys) => keys === 'waiting' || log.info('keys.done', { keys }),
      (error: unknown) => log.error('keys.failed', { error: error instanceof Error ? error.name : 'unknown' }),
    );
  };
  setInterval(look, Math.min(HOUR, Math.max(200, times.rotationMs / 10))).unref();
}
