import type { Tenant } from '../account/tenant.ts';
import type { LoginMethod, User } from '../account/user.ts';
import type { Facts } from '../mfa/facts.ts';
import { type FactorId, isSameWay } from '../mfa/factor.ts';
import type { Completed, RoleStore } from '../ports.ts';
import type { Client } from '../session/client.ts';
import { factsOf } from '../session/facts.ts';
import type { SessionDevice } from '../trusted-devices/device.ts';

/** A first factor that a user has and the tenant takes. */
export interface Beginning {
  readonly factor: FactorId;
  readonly method: LoginMethod;
  /** There is no password yet, or none any more: one is set by way of the mailbox first. */
  readonly needsReset?: true;
}

/**
 * Every way this user could begin a sign-in to this tenant. The likely one is the first: the oldest login method, and
 * of one that goes by code or link whichever the tenant lists first. Of methods of one age a password comes first; one
 * that has to be set first comes last.
 */
export const beginnings = (user: User, tenant: Tenant): readonly Beginning[] =>
  user.loginMethods
    .filter((method) => method.tenantIds.includes(tenant.tenantId))
    .toSorted((one, other) => one.timeJoined - other.timeJoined || byPassword(one) - byPassword(other))
    .flatMap((method) => factorsOf(method, tenant).map((factor) => beginning(factor, method)))
    .toSorted((one, other) => Number(one.needsReset ?? false) - Number(other.needsReset ?? false));

const byPassword = ({ recipeId }: LoginMethod): number => (recipeId === 'emailpassword' ? 0 : 1);

const beginning = (factor: FactorId, method: LoginMethod): Beginning =>
  method.recipeId === 'emailpassword' && method.passwordHash === undefined
    ? { factor, method, needsReset: true }
    : { factor, method };

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

/** What the policy may read of the request. */
export type Place = Partial<Facts['request']>;

/** Who makes a request of which that is known and nothing else. */
export const clientFrom = (place: Place): Client => ({
  ip: '',
  userAgent: '',
  country: '',
  ...place,
  authMode: 'header',
});

/** A sign-in that does not happen. */
export interface Hypothesis {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Default: the likely one; `emailpassword` for a user with none. */
  readonly firstFactor?: FactorId;
  /** Default: nothing is known of it. */
  readonly request?: Place;
  /** Default: the first factor, just now. */
  readonly completed?: Completed;
  /** One of the user's, that it happens on. Default: a new one. */
  readonly device?: SessionDevice | undefined;
}

/**
 * The facts of a sign-in by this user, on a new device, that has done its first factor and nothing else: those that
 * sign-in itself would hand to the evaluator, made by the same function.
 */
export function hypotheticalSession(
  user: User,
  tenant: Tenant,
  about: Hypothesis,
  { roles }: { readonly roles: RoleStore },
): Promise<Facts> {
  const { now, firstFactor = beginnings(user, tenant)[0]?.factor ?? 'emailpassword', request = {}, device } = about;
  const completed = about.completed ?? { [firstFactor]: Math.floor(now / 1000) };
  return factsOf(
    { user, tenant, firstFactor, completed, client: clientFrom(request), device },
    { roles, clock: { now: () => now } },
  );
}
