import { setTimeout as pause } from 'node:timers/promises';
import type { App } from '../../shared/app.ts';
import { changedTenants } from '../../shared/dynamo/tenant-changes.ts';
import { adoptChanged, adoptEverywhere, type Adoption } from '../../shared/policies/adopt-everywhere.ts';
import { followStream } from './stream.ts';

const HOUR = 3_600_000;
const AGAIN_MS = 10_000;

export interface Watched {
  /** Where DynamoDB answers. */
  readonly dynamodb: string;
  /** The run is being stopped. */
  readonly signal: AbortSignal;
}

/**
 * What functions/policies does in the cloud: looks at tenants that were written, within a second or two, and at all of
 * them every hour. A table of an earlier run may have no stream; then the hour is what there is. Keeps no process alive.
 */
export function keepAdopting(app: App, { dynamodb: endpoint, signal }: Watched): void {
  const failed = (error: unknown) =>
    app.log.error('policies.failed', { error: error instanceof Error ? error.name : 'unknown' });
  const told = (done: Adoption): void => {
    if (done.adopted + done.malformed + done.failed > 0) app.log.info('policies.done', { ...done });
  };
  const everyTenant = (): void => void adoptEverywhere(app).then(told, failed);
  const changed = async (event: unknown): Promise<void> => {
    const tenantIds = changedTenants(event) ?? [];
    if (tenantIds.length > 0) told(await adoptChanged(tenantIds, app));
  };

  const follow = async (): Promise<void> => {
    for (let isTold = false; ; isTold = true) {
      try {
        return await followStream({ endpoint, tableName: app.table.name, signal }, changed);
      } catch (error) {
        if (signal.aborted) return;
        if (!isTold) failed(error);
        await pause(AGAIN_MS, undefined, { ref: false, signal }).catch(() => {});
      }
    }
  };

  setInterval(everyTenant, HOUR).unref();
  void follow();
}
