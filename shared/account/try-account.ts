import { networkOf } from '../client-address.ts';
import type { Limit, LimitStore, Log } from '../ports.ts';
import type { Client } from '../session/client.ts';
import type { Tenant } from './tenant.ts';

export interface TryDeps {
  readonly limits: Pick<LimitStore, 'spend' | 'settle'>;
  readonly log: Log;
}

export type Tried =
  | {
      readonly allowed: true;
      /** Once it is known whether the guess was right, and before anybody is told. */
      readonly settle: (passed: boolean) => Promise<void>;
    }
  | { readonly allowed: false; readonly retryAfterMs: number };

/**
 * Counts a guess at an account's secret against the address it comes from, before anything is compared: how many, and
 * how many different accounts fail. Of any number of parallel guesses, no more different accounts than that are compared
 * and fail.
 *
 * @param limit one with `among`.
 */
export async function tryAccount(
  { limit, tenant, client, now }: { limit: Limit; tenant: Tenant; client: Client; now: number },
  { limits, log }: TryDeps,
): Promise<Tried> {
  const outcome = await limits.spend(limit, now);
  if (!outcome.allowed) return outcome;
  const { attempt } = outcome;
  return {
    allowed: true,
    settle: async (passed) => {
      if (attempt === undefined || !(await limits.settle(limit, attempt, passed, now))) return;
      // Once a window: whoever goes on is refused without a word.
      const network = networkOf(client.ip);
      log.error('accounts.sprayed', { tenantId: tenant.tenantId, counter: limit.scope, network });
    },
  };
}
