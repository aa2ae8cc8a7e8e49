import type { Tenant } from '../account/tenant.ts';
import { factorsSetUp, type LoginMethod, type User } from '../account/user.ts';
import { destinationBudget, userBudget } from '../limits.ts';
import type { FactorId } from '../mfa/factor.ts';
import type { AuditEvent, Budget, TenantStore } from '../ports.ts';
import { unavailable } from '../protocol-error.ts';
import { tell, type TellDeps, tenantOf } from './tell.ts';
import { mustLoad, type UserAdminDeps } from './users.ts';

/** What a reset writes, all of it or nothing: apps, backup codes and remembered devices of `user` go in any case. */
export interface FactorReset {
  readonly user: User;
  /** Login methods that go. */
  readonly methods: readonly LoginMethod[];
  /** What the user still owes, of what stays. */
  readonly owed: readonly FactorId[];
  /** Counts of wrong guesses that start anew. */
  readonly budgets: readonly Budget[];
  readonly audit: AuditEvent;
}

/** The user may be changed by others at the same time, another reset among them. */
const TRIES = 6;

/**
 * For an owner who has lost everything: no second factor is left, and no lock, remembered device or session. The next
 * sign-in asks for enrolment, with proof, as of a new account.
 *
 * Ways in stay: a password, a provider, the contact that the account was made with, and one without which there would be
 * none on some tenant.
 */
export async function resetFactors(userId: string, deps: UserAdminDeps & TellDeps) {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const user = await mustLoad(userId, deps);
    const tenants = await tenantsOf(user, deps.tenants);
    const methods = user.loginMethods.filter((method) => isSecondOnly(method, user, tenants));
    const stays = user.loginMethods.filter((method) => !methods.includes(method));
    const left = factorsSetUp({ ...user, loginMethods: stays }).filter(
      (factor) => factor !== 'totp' && factor !== 'backup-code',
    );
    const removed = factorsSetUp(user).filter((factor) => !left.includes(factor));
    const done = await deps.userAdmin.resetFactors({
      user,
      methods,
      owed: (user.owedFactors ?? []).filter((factor) => left.includes(factor)),
      budgets: budgetsOf(user),
      audit: {
        userId,
        tenantId: tenantOf(user),
        at: deps.clock.now(),
        event: 'admin.factors-reset',
        details: { removed },
      },
    });
    if (!done) continue;
    if (removed.length > 0) await tell(user, 'factor.removed', deps);
    return { status: 'OK' as const, removed };
  }
  throw unavailable('the user was changed meanwhile, please try again');
}

/** It came to the account later, and wherever it is there is another way in. */
const isSecondOnly = (method: LoginMethod, user: User, tenants: ReadonlyMap<string, Tenant>): boolean =>
  method.recipeId === 'passwordless' &&
  method.recipeUserId !== user.userId &&
  method.tenantIds.every((tenantId) =>
    user.loginMethods.some(
      ({ recipeId, tenantIds }) =>
        recipeId !== 'passwordless' &&
        tenantIds.includes(tenantId) &&
        tenants.get(tenantId)?.firstFactors.includes(recipeId) === true,
    ),
  );

async function tenantsOf(user: User, tenants: TenantStore): Promise<ReadonlyMap<string, Tenant>> {
  const ids = [...new Set(user.loginMethods.flatMap(({ tenantIds }) => tenantIds))];
  const found = await Promise.all(ids.map((id) => tenants.get(id)));
  return new Map(found.flatMap((tenant) => (tenant === undefined ? [] : [[tenant.tenantId, tenant] as const])));
}

/** A lock after a hundred wrong guesses in a row lifts here and nowhere else. */
const budgetsOf = (user: User): readonly Budget[] =>
  user.tenantIds.flatMap((tenantId) => [
    userBudget(tenantId, user.userId),
    ...user.loginMethods
      .filter((method) => method.recipeId === 'passwordless' && method.tenantIds.includes(tenantId))
      .map(({ email, phoneNumber }) =>
        destinationBudget({
          tenantId,
          purpose: 'second-factor',
          userId: user.userId,
          contact: email ?? phoneNumber ?? '',
        }),
      ),
  ]);
