import { evaluate } from '../mfa/evaluate.ts';
import type { FactorId } from '../mfa/factor.ts';
import type { Clock, RoleStore, UserStore } from '../ports.ts';
import type { Client } from '../session/client.ts';
import { factsOf } from '../session/facts.ts';
import { addressOf, primaryKind } from './contact-kind.ts';
import { linkDecision } from './linking.ts';
import type { Tenant } from './tenant.ts';
import { isEmailVerified, type LoginMethod, type User } from './user.ts';

export interface PlanDeps {
  readonly clock: Clock;
  readonly roles: RoleStore;
  readonly users: Pick<UserStore, 'byContact' | 'load'>;
}

/** Somebody has just shown a first factor. */
export interface Entry {
  readonly method: LoginMethod;
  readonly tenant: Tenant;
  readonly client: Client;
}

/**
 * What `linkByAddress` would do; it writes nothing, and makes no request where the tenant links nothing.
 *
 * @returns the account that stays, the user's own where it comes to hold the address, and the method as it is proven;
 * undefined where everything is left as it is.
 */
export async function plannedLink(
  entry: Entry & { readonly user: User; readonly firstFactor: FactorId },
  deps: PlanDeps,
): Promise<{ readonly stays: User; readonly method: LoginMethod } | undefined> {
  const { user, tenant } = entry;
  if (!tenant.accountLinking.automatic || user.isPrimary) return undefined;
  const method = { ...entry.method, verified: entry.method.verified || isProven(user, entry.method) };
  if (!method.verified || addressOf(method) === '') return undefined;

  const found = await deps.users.byContact(primaryKind(method), tenant.tenantId, addressOf(method));
  const isOther = found !== undefined && found.userId !== user.userId;
  const holder = isOther ? await deps.users.load(found.userId) : undefined;
  const satisfied = holder !== undefined && (await isSatisfied(entry, deps));
  const decision = linkDecision({ tenant, method, account: user, holder, satisfied });
  if (decision === 'stay') return undefined;
  return { stays: decision === 'move' && holder !== undefined ? holder : user, method };
}

const isProven = (user: User, { recipeUserId, email }: LoginMethod): boolean =>
  email !== undefined && isEmailVerified(user, recipeUserId);

/** Whether the policy lets the account in with its first factor alone: an account that owes more is not emptied by it. */
export async function isSatisfied(
  { user, tenant, client, firstFactor }: Entry & { readonly user: User; readonly firstFactor: FactorId },
  deps: Pick<PlanDeps, 'clock' | 'roles'>,
): Promise<boolean> {
  const completed = { [firstFactor]: Math.floor(deps.clock.now() / 1000) };
  return evaluate(tenant, await factsOf({ user, tenant, client, firstFactor, completed }, deps)).claim.v;
}
