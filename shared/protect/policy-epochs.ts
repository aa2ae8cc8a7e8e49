import * as v from 'valibot';
import type { Clock } from '../ports.ts';
import type { AccessTokenPayload } from '../session/access-token.ts';
import { isOutdated, type PolicyEpoch } from '../session/policy-epoch.ts';
import type { FetchJson } from './key-set.ts';

/** Tells sessions that a tenant's policy of today has yet to reach. */
export interface PolicyEpochs {
  /** @param refreshSeconds how old an answer of the service's may be. */
  isOutdated(payload: AccessTokenPayload, refreshSeconds: number): Promise<boolean>;
}

const Epoch = v.object({
  pe: v.string(),
  immediate: v.boolean(),
  activeFor: v.nullable(v.number()),
  settlesAfter: v.pipe(v.number(), v.minValue(0), v.maxValue(3_600)),
});

/** After a failure the service is left alone for this long. */
const RETRY_MS = 5_000;
/** What caches between here and the service may add to an answer's age, as its `Cache-Control` allows them. */
const CACHED_SECONDS = 5;
const MAX_TENANTS = 1_000;

interface Known {
  readonly epoch?: PolicyEpoch;
  readonly readAt: number;
  readonly triedAt: number;
  readonly failed: boolean;
}

/**
 * Asks the service which policy a tenant has: once in `refreshSeconds`, by one request for all that wait.
 *
 * Where it cannot be asked, what it said last counts; where it never said anything, sessions pass. An access token lives
 * 15 minutes at most, and is refreshed by nobody but the service: for longer than that no policy is passed by.
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
    async isOutdated(payload, refreshSeconds) {
      const { tId } = payload;
      if (isDue(tId, refreshSeconds)) await askOnce(tId);
      const { epoch, readAt = 0 } = known.get(tId) ?? {};
      if (epoch === undefined) return false;
      const now = clock.now();
      const age = Math.max(0, (now - readAt) / 1000);
      // A token that is younger than this answer can be may know a newer policy than it does.
      const settlesAfter = epoch.settlesAfter + CACHED_SECONDS + Math.max(age, refreshSeconds);
      const activeFor = epoch.activeFor === null ? null : epoch.activeFor + CACHED_SECONDS + age;
      return isOutdated(payload, { ...epoch, activeFor, settlesAfter }, now);
    },
  };
}
