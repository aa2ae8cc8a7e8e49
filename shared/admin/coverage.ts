import { setTimeout as sleep } from 'node:timers/promises';
import { factorsSetUp, type User } from '../account/user.ts';
import { isTenantId } from '../account/tenant-id.ts';
import type { Tenant } from '../account/tenant.ts';
import { evaluate } from '../mfa/evaluate.ts';
import type { FactorId } from '../mfa/factor.ts';
import { beginnings, hypotheticalSession } from '../policies/hypothetical.ts';
import type { Clock, RoleStore, TenantStore, UserStore } from '../ports.ts';
import { badRequest, notFound } from '../protocol-error.ts';
import type { UserAdmin } from './users.ts';

/** How far a tenant has come with second factors. Users that are disabled count in `disabled` and nowhere else. */
export interface Coverage {
  readonly users: number;
  readonly disabled: number;
  /** By factor: who could show it today, at this tenant. */
  readonly setUp: Readonly<Record<FactorId, number>>;
  readonly withoutAny: number;
  /** By factor: on whose own list it stands. */
  readonly requiredByOwn: Readonly<Record<FactorId, number>>;
  /** Of whom the policy would ask a second factor at a sign-in now, on a new device. */
  readonly asked: number;
  /** Of those: who has set up none of the factors that would do. A code to the address of the account itself is one way to. */
  readonly mustEnrol: number;
}

interface Deps {
  readonly userAdmin: Pick<UserAdmin, 'members'>;
  readonly users: Pick<UserStore, 'load'>;
  readonly tenants: TenantStore;
  readonly roles: RoleStore;
  readonly clock: Clock;
}

/** Ids of one request. */
const PAGE = 100;

/**
 * Walks all members of a tenant and counts. Memory does not grow with their number.
 *
 * @param input.rate users read a second; 0: as fast as it can.
 * @param input.onProgress called with the count of users so far.
 * @throws 404 for an unknown tenant; what `stopping` was aborted with.
 */
export async function coverageOf(
  input: {
    readonly tenantId: string;
    readonly rate: number;
    readonly onProgress?: (users: number) => void;
    readonly stopping?: AbortSignal;
  },
  deps: Deps,
): Promise<Coverage> {
  if (!isTenantId(input.tenantId)) throw badRequest('not a tenant id');
  const tenant = await deps.tenants.get(input.tenantId);
  if (tenant === undefined) throw notFound('unknown tenant');
  const count = counter(tenant, deps);
  let cursor: string | undefined;
  do {
    input.stopping?.throwIfAborted();
    const since = performance.now();
    const page = await deps.userAdmin.members(input.tenantId, pageSize(input.rate), cursor);
    const users = await Promise.all(page.userIds.map((id) => deps.users.load(id)));
    for (const user of users) if (user !== undefined) await count.add(user);
    input.onProgress?.(count.users());
    cursor = page.cursor;
    if (cursor !== undefined) await rest(page.userIds.length, input.rate, performance.now() - since);
  } while (cursor !== undefined);
  return count.result();
}

/** At most half a second's worth at once, so that a low rate does not come in bursts. */
const pageSize = (rate: number): number => (rate === 0 ? PAGE : Math.max(1, Math.min(PAGE, Math.floor(rate / 2))));

async function rest(read: number, rate: number, spentMs: number): Promise<void> {
  const due = rate === 0 ? 0 : (read / rate) * 1000 - spentMs;
  if (due > 0) await sleep(due);
}

function counter(tenant: Tenant, deps: Deps) {
  const setUp = zeroes(tenant);
  const requiredByOwn = zeroes(tenant);
  let [users, disabled, withoutAny, asked, mustEnrol] = [0, 0, 0, 0, 0];
  return {
    users: () => users,
    async add(user: User): Promise<void> {
      users += 1;
      if (user.status === 'disabled') {
        disabled += 1;
        return;
      }
      const own = factorsSetUp(user).filter((factor) => factor in setUp);
      for (const factor of own) setUp[factor] = (setUp[factor] ?? 0) + 1;
      for (const factor of user.requiredFactors) requiredByOwn[factor] = (requiredByOwn[factor] ?? 0) + 1;
      if (own.every((factor) => factor === 'backup-code')) withoutAny += 1;
      // Who cannot begin is asked for nothing.
      if (beginnings(user, tenant).length === 0) return;
      const facts = await hypotheticalSession(user, tenant, { now: deps.clock.now() }, deps);
      const { next } = evaluate(tenant, facts);
      if (next.length === 0) return;
      asked += 1;
      if (!next.some((factor) => facts.user.factorsSetUp.includes(factor))) mustEnrol += 1;
    },
    result: (): Coverage => ({ users, disabled, setUp, withoutAny, requiredByOwn, asked, mustEnrol }),
  };
}

const zeroes = ({ secondFactors }: Tenant): Record<FactorId, number> =>
  Object.fromEntries(secondFactors.map((factor) => [factor, 0]));
