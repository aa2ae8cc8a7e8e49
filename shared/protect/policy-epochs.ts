import * as v from 'valibot';
import type { Clock } from '../ports.ts';
import type { AccessTokenPayload } from '../session/access-token.ts';
import { isOutdated, type PolicyEpoch } from '../session/policy-epoch.ts';
import type { FetchJson } from './key-set.ts';
import type { PolicyCheck } from './wants.ts';

/** Tells sessions that what a tenant asks today has yet to reach. */
export interface PolicyEpochs {
  /** @throws PolicyOutOfReach where nobody knows, unless the route goes on then. */
  isOutdated(payload: AccessTokenPayload, check: PolicyCheck): Promise<boolean>;
}

/** The service cannot be asked, and what it said last is too old. Says nothing about the token: 503, never 401. */
export class PolicyOutOfReach extends Error {
  override readonly name = 'PolicyOutOfReach';
}

const Epoch = v.object({ pe: v.string(), immediate: v.boolean(), readAt: v.number() });

/** After a failure the service is left alone for this long. */
const RETRY_MS = 5_000;
/** While the service cannot be asked, what it said last counts for so much longer than it would. */
const STALE_MS = 60_000;
const MAX_TENANTS = 1_000;

interface Known {
  readonly epoch?: PolicyEpoch;
  readonly readAt: number;
  readonly triedAt: number;
  readonly failed: boolean;
}

/**
 * Asks the service what epoch a tenant is in: once in `refreshSeconds`, by one request for all that wait.
 *
 * Where it cannot be asked, what it said last counts for a minute more. After that, and where it never said anything,
 * nobody knows whether a policy has been tightened.
 *
 * @param report is told once of each outage.
 */
export function remotePolicyEpochs(
  url: (tenantId: string) => string,
  {
    clock,
    fetch: read,
    report,
  }: { readonly clock: Clock; readonly fetch: FetchJson; readonly report: (error: unknown) => void },
): PolicyEpochs {
  const known = new Map<string, Known>();
  const reading = new Map<string, Promise<void>>();

  const ask = async (tenantId: string): Promise<void> => {
    const before = known.get(tenantId);
    // As of when it was asked for: what is cached may not seem younger than it is.
    const at = clock.now();
    try {
      keep(tenantId, { epoch: v.parse(Epoch, await read(url(tenantId))), readAt: at, triedAt: at, failed: false });
    } catch (error) {
      if (before?.failed !== true) report(error);
      keep(tenantId, { readAt: -Infinity, ...before, triedAt: clock.now(), failed: true });
    }
  };
  const keep = (tenantId: string, answer: Known): void => {
    known.delete(tenantId);
    known.set(tenantId, answer);
    if (known.size > MAX_TENANTS) known.delete(known.keys().next().value!);
  };
  const askOnce = (tenantId: string): Promise<void> => {
    const running = reading.get(tenantId) ?? ask(tenantId).finally(() => reading.delete(tenantId));
    reading.set(tenantId, running);
    return running;
  };
  const isDue = (tenantId: string, refreshSeconds: number): boolean => {
    const answer = known.get(tenantId);
    if (answer === undefined) return true;
    if (answer.failed) return clock.now() - answer.triedAt >= RETRY_MS;
    return clock.now() - answer.readAt >= refreshSeconds * 1000;
  };

  return {
    async isOutdated(payload, { refreshSeconds, whenUnreachable }) {
      const { tId } = payload;
      if (isDue(tId, refreshSeconds)) await askOnce(tId);
      const { epoch, readAt = 0, failed = true } = known.get(tId) ?? {};
      const isTooOld = failed && clock.now() - readAt >= refreshSeconds * 1000 + STALE_MS;
      if (isTooOld && whenUnreachable === 'refuse') throw new PolicyOutOfReach(`${url(tId)} cannot be read`);
      return epoch !== undefined && isOutdated(payload, epoch);
    },
  };
}
