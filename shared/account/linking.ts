import { resetTerms } from '../recovery/reset-terms.ts';
import { addressOf } from './contact-kind.ts';
import type { Tenant } from './tenant.ts';
import type { LoginMethod, User } from './user.ts';

/**
 * What becomes of a way to sign in whose address was just proven:
 *
 * - `stay`: it keeps, or gets, an account of its own, which nothing else joins;
 * - `promote`: its account holds the address from now on, for the next method of that address to join;
 * - `attach`: a method nobody had becomes one of the account that proved the address before;
 * - `adopt`: a method nobody had takes over an account that never proved anything; what was there goes first;
 * - `move`: the methods of its account become the other account's, and its account ends.
 */
export type LinkDecision = 'stay' | 'promote' | 'attach' | 'adopt' | 'move';

/**
 * Whether two ways to sign in are one person's: the one place that decides it.
 *
 * Both sides must have proven the address, and the tenant must have asked for it. An account that owes anything, or has
 * what cannot follow it, is not emptied, so that no requirement is lost by it. @see security.md §2.4, §3.7
 *
 * @param of.account whose `method` is; absent for one that nobody has.
 * @param of.holder another account that has the address.
 * @param of.satisfied the policy would let `account` in with what was just shown.
 */
export function linkDecision(of: {
  readonly tenant: Pick<Tenant, 'tenantId' | 'accountLinking' | 'secondFactors' | 'distinctChannels'>;
  readonly method: LoginMethod;
  readonly account?: User;
  readonly holder?: User | undefined;
  readonly satisfied?: boolean;
}): LinkDecision {
  const { tenant, method, account, holder } = of;
  const address = addressOf(method);
  if (!tenant.accountLinking.automatic || !method.verified || address === '') return 'stay';
  if (account?.isPrimary === true) return 'stay';
  if (holder === undefined) return account === undefined ? 'stay' : 'promote';
  if (holder.status !== 'active' || !holder.tenantIds.includes(tenant.tenantId)) return 'stay';
  if (!hasProven(holder, address)) {
    return account === undefined && isNobodys(holder, address, tenant) ? 'adopt' : 'stay';
  }
  if (account === undefined) return 'attach';
  const isAll = account.loginMethods.every((own) => own.verified && addressOf(own) === address);
  return isAll && of.satisfied === true && mayBeEmptied(account, holder) ? 'move' : 'stay';
}

export const hasProven = (user: User, address: string): boolean =>
  user.loginMethods.some((method) => method.verified && addressOf(method) === address);

/** Nothing that it has is left behind: its methods can follow, in every tenant, and it has nothing else to show or owe. */
export const mayBeEmptied = (from: User, to: User): boolean =>
  from.status === 'active' &&
  from.tenantIds.every((tenantId) => to.tenantIds.includes(tenantId)) &&
  (from.totpDevices ?? []).length === 0 &&
  from.backupCodes === undefined &&
  (from.owedFactors ?? []).length === 0;

/**
 * The account that another was joined to, as the transaction leaves it: the methods and required factors of both, and of
 * a grace that both had the end that comes first.
 */
export const linkedUser = (holder: User, from: User): User => ({
  ...holder,
  isPrimary: true,
  version: holder.version + 1,
  loginMethods: [...holder.loginMethods, ...from.loginMethods].toSorted(
    (one, other) => one.timeJoined - other.timeJoined,
  ),
  requiredFactors: [...new Set([...holder.requiredFactors, ...from.requiredFactors])],
  ...(from.grace === undefined ? {} : { grace: earliest(holder.grace ?? {}, from.grace) }),
});

type Graces = NonNullable<User['grace']>;

const earliest = (own: Graces, others: Graces): Graces => ({
  ...own,
  ...Object.fromEntries(
    Object.entries(others).map(([tenantId, rules]) => {
      // Own members only: a tenant, or a rule, may be called `constructor`.
      const standing = Object.hasOwn(own, tenantId) ? own[tenantId]! : {};
      const endOf = (id: string) => (Object.hasOwn(standing, id) ? standing[id]! : Infinity);
      const ends = Object.entries(rules).map(([id, until]) => [id, Math.min(until, endOf(id))]);
      return [tenantId, { ...standing, ...Object.fromEntries(ends) }];
    }),
  ),
});

/**
 * It has nothing but the address, which nobody ever proved: whoever made it keeps no way in. An account with a factor or
 * another contact is somebody's, and is left alone.
 */
function isNobodys(user: User, address: string, tenant: Pick<Tenant, 'secondFactors' | 'distinctChannels'>): boolean {
  const [method] = user.loginMethods;
  const terms = method === undefined ? undefined : resetTerms(user, method, tenant);
  return (
    terms?.owed.length === 0 &&
    user.loginMethods.every((own) => addressOf(own) === address) &&
    (user.totpDevices ?? []).length === 0 &&
    user.backupCodes === undefined
  );
}
