import type { Tenant } from '../account/tenant.ts';
import type { LoginMethod, User } from '../account/user.ts';
import type { Facts } from '../mfa/facts.ts';
import { type FactorId, isSameWay } from '../mfa/factor.ts';
import type { Completed, RoleStore } from '../ports.ts';
import { factsOf } from '../session/facts.ts';

/** A first factor that a user has and the tenant takes. */
export interface Beginning {
  readonly factor: FactorId;
  readonly method: LoginMethod;
}

/**
 * Every way this user could begin a sign-in to this tenant. The likely one is the first: the oldest login method, and
 * of one that goes by code or link whichever the tenant lists first. Of methods of one age a password comes first.
 */
export const beginnings = (user: User, tenant: Tenant): readonly Beginning[] =>
  user.loginMethods
    .filter((method) => method.tenantIds.includes(tenant.tenantId))
    .toSorted((one, other) => one.timeJoined - other.timeJoined || byPassword(one) - byPassword(other))
    .flatMap((method) => factorsOf(method, tenant).map((factor) => ({ factor, method })));

const byPassword = ({ recipeId }: LoginMethod): number => (recipeId === 'emailpassword' ? 0 : 1);

function factorsOf({ recipeId, email, thirdParty }: LoginMethod, tenant: Tenant): readonly FactorId[] {
  switch (recipeId) {
    case 'emailpassword':
      return tenant.firstFactors.filter((factor) => factor === recipeId);
    case 'thirdparty':
      return tenant.providers.some(({ thirdPartyId }) => thirdPartyId === thirdParty?.id)
        ? tenant.firstFactors.filter((factor) => factor === recipeId)
        : [];
    case 'passwordless': {
      const code = email === undefined ? 'otp-phone' : 'otp-email';
      // A message goes out only by a contact method the tenant uses, whatever it may begin with.
      return tenant.secondFactors.includes(code) ? tenant.passwordless.filter((id) => isSameWay(id, code)) : [];
    }
  }
}

/** A sign-in that does not happen. */
export interface Hypothesis {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Default: the likely one; `emailpassword` for a user with none. */
  readonly firstFactor?: FactorId;
  /** What the policy may read of the request. Default: nothing is known of it. */
  readonly request?: Partial<Facts['request']>;
  /** Default: the first factor, just now. */
  readonly completed?: Completed;
}

/**
 * The facts of a sign-in by this user, on a new device, that has done its first factor and nothing else: those that
 * sign-in itself would hand to the evaluator, made by the same function.
 */
export function hypotheticalSession(
  user: User,
  tenant: Tenant,
  { now, firstFactor = beginnings(user, tenant)[0]?.factor ?? 'emailpassword', request = {}, completed }: Hypothesis,
  { roles }: { readonly roles: RoleStore },
): Promise<Facts> {
  const client = { ip: '', userAgent: '', country: '', ...request, authMode: 'header' };
  return factsOf(
    { user, tenant, firstFactor, completed: completed ?? { [firstFactor]: Math.floor(now / 1000) }, client },
    { roles, clock: { now: () => now } },
  );
}
