import type { App } from '../../shared/app.ts';
import { adoptEverywhere } from '../../shared/policies/adopt-everywhere.ts';

const HOUR = 3_600_000;

/** What the stack's schedule does once a day. Keeps no process alive. */
export function keepAdopting(app: App): void {
  const look = (): void => {
    adoptEverywhere(app).then(
      (done) => done.adopted + done.failed === 0 || app.log.info('policies.done', { ...done }),
      (error: unknown) => app.log.error('policies.failed', { error: error instanceof Error ? error.name : 'unknown' }),
    );
  };
  setInterval(look, HOUR).unref();
}
