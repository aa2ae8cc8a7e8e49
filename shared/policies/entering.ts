import { linkedUser } from '../account/linking.ts';
import { type PlanDeps, plannedLink } from '../account/planned-link.ts';
import type { Tenant } from '../account/tenant.ts';
import type { LoginMethod, User } from '../account/user.ts';
import { evaluate } from '../mfa/evaluate.ts';
import type { FactorId } from '../mfa/factor.ts';
import type { RoleStore } from '../ports.ts';
import { resetTerms } from '../recovery/reset-terms.ts';
import { primaryConflict } from './claimable.ts';
import { type Beginning, clientFrom, hypotheticalSession, type Place } from './hypothetical.ts';
import type { Lookups } from './lookups.ts';

export interface EnteringDeps {
  readonly lookups: Lookups;
  readonly roles: RoleStore;
}

/** Somebody shows a first factor, at that time and from there. */
export interface Arrival {
  readonly user: User;
  readonly tenant: Tenant;
  readonly begun: Beginning;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly request: Place;
}

/**
 * The account that a first factor leads to: after the password that has to be set first, and linked to the account of
 * the same proven address where the tenant has its accounts linked.
 *
 * @returns undefined where the password may not be set.
 */
export async function entered(arrival: Arrival, deps: EnteringDeps): Promise<User | undefined> {
  if (arrival.begun.needsReset !== true) return joined(arrival, deps);
  const { user, method } = (await afterReset(arrival, deps)) ?? {};
  if (user === undefined || method === undefined) return undefined;
  const again = { ...arrival, begun: { ...arrival.begun, method } };
  // A reset links, and so does the sign-in that comes after it.
  const reset = await joined({ ...again, user }, deps);
  return joined({ ...again, user: reset }, deps);
}

/** The user with the password that whoever reads the mailbox sets. */
async function afterReset({ user, tenant, begun, now, request }: Arrival, { roles }: EnteringDeps) {
  const facts = await hypotheticalSession(user, tenant, { now, request, firstFactor: 'emailpassword' }, { roles });
  const terms = resetTerms(user, begun.method, tenant, !evaluate(tenant, facts).claim.v);
  if (terms === undefined) return undefined;
  const method: LoginMethod = { ...begun.method, verified: true };
  const { owedFactors: _, ...rest } = user;
  const loginMethods = user.loginMethods
    .filter((own) => !terms.removes.includes(own))
    .map((own) => (own.recipeUserId === method.recipeUserId ? method : own));
  return {
    method,
    user: {
      ...rest,
      loginMethods,
      epoch: user.epoch + 1,
      version: user.version + 1,
      ...(terms.owed.length === 0 ? {} : { owedFactors: terms.owed }),
    },
  };
}

/** The account to go on with: what was planned, where the addresses that it takes are free. */
async function joined({ user, tenant, begun, now, request }: Arrival, deps: EnteringDeps): Promise<User> {
  const { lookups, roles } = deps;
  const entry = { user, tenant, method: begun.method, client: clientFrom(request), firstFactor: begun.factor };
  const planDeps: PlanDeps = { users: lookups.users, roles, clock: { now: () => now } };
  const planned = await plannedLink(entry, planDeps);
  if (planned === undefined) return user;
  const { stays } = planned;
  const isOwn = stays.userId === user.userId;
  const after = isOwn ? { ...user, isPrimary: true, version: user.version + 1 } : linkedUser(stays, user);
  const conflict = await primaryConflict(stays.userId, after.loginMethods, lookups, isOwn ? undefined : user.userId);
  return conflict === undefined ? after : user;
}

export interface Proven {
  readonly user: User;
  /** It is another account, whose session has done its first factor and nothing else. */
  readonly isOther: boolean;
}

/** The account after the link that proves the address of its session was followed. */
export async function proven(arrival: Arrival, deps: EnteringDeps): Promise<Proven> {
  const { user, begun } = arrival;
  const method = { ...begun.method, verified: true };
  const loginMethods = user.loginMethods.map((own) => (own.recipeUserId === method.recipeUserId ? method : own));
  const own = { ...user, loginMethods };
  const after = await joined({ ...arrival, user: own, begun: { ...begun, method } }, deps);
  return { user: after, isOther: after.userId !== user.userId };
}

/** A pseudo-factor: the link to an own mailbox that proves it. */
export const VERIFY: FactorId = 'verify-email';
