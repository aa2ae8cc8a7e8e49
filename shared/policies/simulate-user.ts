import { maskContact } from '../account/contact.ts';
import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import type { FactorId } from '../mfa/factor.ts';
import type { RoleStore } from '../ports.ts';
import { type Beginning, beginnings, type Place } from './hypothetical.ts';
import { type LookupDeps, lookupsAt } from './lookups.ts';
import { type NextTime, nextTime } from './next-time.ts';
import { CANNOT_BEGIN, lockedOutBecause, mustProve, mustReset, mustSetUp } from './problem.ts';
import { isReachable, type ReachConfig } from './reach.ts';
import { type SegmentConfig, smsSegmentsFor } from './segments.ts';
import { NO_WAY, rulesBehind, type Standing, standingOf, wordOf } from './standing.ts';
import { type WayIn, wayIn } from './way-in.ts';

export interface SimulatedUser {
  readonly userId: string;
  /** Masked; empty for a user without one. */
  readonly contact: string;
  /** What the sign-in begins with; absent where it cannot begin. */
  readonly firstFactor?: FactorId;
  /** It begins with a password that has to be set first. */
  readonly mustReset?: true;
  readonly now: Standing;
  readonly after: Standing;
  /** The sign-in after that one, on the same device, which was remembered; absent where none is. */
  readonly remembered?: NextTime;
  /** What a network bills for one of the text messages; absent where none is sent. */
  readonly smsSegments?: number;
  /** Ids of the rules that ask for what is asked after. */
  readonly because: readonly string[];
  readonly problem?: string;
}

/** A tenant as it is and as it would be. */
export interface Pair {
  readonly now: Tenant;
  readonly after: Tenant;
}

export type SimulateUserDeps = LookupDeps & { readonly roles: RoleStore; readonly config: ReachConfig & SegmentConfig };

/**
 * A sign-in by this user on a new device, as it ends now and as it would end, each through all of its factors.
 *
 * It begins with the user's likely first factor: the oldest login method that the tenant offers. Where another one
 * would end otherwise, `problem` says so.
 *
 * @param about.at epoch milliseconds.
 * @param about.request where it comes from, as far as that is known.
 */
export async function simulateUser(
  about: { readonly user: User; readonly tenants: Pair; readonly at: number; readonly request: Place },
  deps: SimulateUserDeps,
): Promise<SimulatedUser> {
  const { user, tenants, at, request } = about;
  const { roles, config } = deps;
  const own = { roles, config, lookups: lookupsAt(at, deps) };
  const through = (tenant: Tenant, begun: Beginning) => wayIn({ user, tenant, begun, now: at, request }, own);
  const ways = await waysOf(user, tenants.after, config, (begun) => through(tenants.after, begun));
  const [likely] = ways;
  const shown = { userId: user.userId, contact: contactOf(user, likely?.begun) };
  if (likely === undefined) return { ...shown, now: NO_WAY, after: NO_WAY, because: [], problem: CANNOT_BEGIN };

  const { begun, way } = likely;
  const after = standingOf(way, user.userId);
  const wayNow = tenants.now === tenants.after ? way : await through(tenants.now, begun);
  const remembered = await nextTime({ user, tenant: tenants.after, begun, now: at, request }, way, own);
  const now = wayNow === undefined ? NO_WAY : standingOf(wayNow, user.userId);
  const texts = [now, after].some(({ messages }) => messages.includes('sms'));
  const problem = [
    ...(begun.needsReset === true ? [mustReset(after.lockedOut)] : []),
    ...(after.lockedOut ? [lockedOutBecause(way.stuck ?? [])] : []),
    ...(after.mustEnrol ? [mustSetUp(way.steps)] : []),
    ...(after.mustVerify ? [mustProve] : []),
    ...otherwise(after, ways.slice(1), user.userId),
  ].join('. ');
  return {
    ...shown,
    firstFactor: begun.factor,
    ...(begun.needsReset === true ? { mustReset: true } : {}),
    now,
    after,
    ...(remembered === undefined ? {} : { remembered }),
    ...(texts ? { smsSegments: await smsSegmentsFor(user, tenants.after, config) } : {}),
    because: rulesBehind(tenants.after, way),
    ...(problem === '' ? {} : { problem }),
  };
}

interface Way {
  readonly begun: Beginning;
  readonly way: WayIn;
}

/** One for each first factor that leads anywhere, the likely one first. */
async function waysOf(
  user: User,
  tenant: Tenant,
  config: ReachConfig,
  through: (begun: Beginning) => Promise<WayIn | undefined>,
): Promise<readonly Way[]> {
  const ways = new Map<FactorId, Way>();
  for (const begun of await usable(user, tenant, config)) {
    const way = ways.has(begun.factor) ? undefined : await through(begun);
    if (way !== undefined) ways.set(begun.factor, { begun, way });
  }
  return [...ways.values()];
}

/** Those whose code or link, where it begins with one, is sent at all. A first factor has half of the tenant's money. */
async function usable(user: User, tenant: Tenant, config: ReachConfig): Promise<readonly Beginning[]> {
  const all = beginnings(user, tenant);
  const can = await Promise.all(
    all.map(async ({ method: { recipeId, email, phoneNumber } }) => {
      if (recipeId !== 'passwordless') return true;
      return email === undefined
        ? isReachable('otp-phone', phoneNumber ?? '', tenant, config, 0.5)
        : isReachable('otp-email', email, tenant, config);
    }),
  );
  return all.filter((_, i) => can[i]);
}

function otherwise(likely: Standing, others: readonly Way[], userId: string): readonly string[] {
  return others.flatMap(({ begun, way }) => {
    const word = wordOf(standingOf(way, userId));
    return word === wordOf(likely) ? [] : [`With ${begun.factor} as its first factor it ${word}`];
  });
}

function contactOf(user: User, begun: Beginning | undefined): string {
  const methods = [...(begun === undefined ? [] : [begun.method]), ...user.loginMethods];
  const { email, phoneNumber } = methods.find((method) => (method.email ?? method.phoneNumber) !== undefined) ?? {};
  if (email !== undefined) return maskContact('email', email);
  return phoneNumber === undefined ? '' : maskContact('phone', phoneNumber);
}
