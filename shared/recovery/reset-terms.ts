import type { Tenant } from '../account/tenant.ts';
import { factorsSetUp, type LoginMethod, type User } from '../account/user.ts';
import type { FactorId } from '../mfa/factor.ts';

/** On what terms a link to its own address may set a new password. */
export interface ResetTerms {
  /** One of these is asked at the next sign-in, whatever the policy. */
  readonly owed: readonly FactorId[];
  /** Login methods that nobody proved and that go: whoever made the account beforehand keeps no way in. */
  readonly removes: readonly LoginMethod[];
}

/**
 * A link proves the address it went to. Where nobody had proven that address before, whoever reads it need not be
 * whose the rest of the account is: a mistyped address has another owner.
 *
 * So an account with a factor from before keeps it between the new password and everything else; one without, whose
 * other contacts could never be asked for, is not reset at all; and one that has nothing but the address becomes its
 * reader's, who finds nothing of an earlier owner in it.
 *
 * Where it was proven, the mailbox is one channel still: a link to it and a code to it are not two factors. An account
 * that will be asked for more, and has another factor, owes that one.
 *
 * @param asksMore the policy wants more than the password of a session of this account.
 * @returns undefined for `PASSWORD_RESET_NOT_ALLOWED`. @see wire.md §4.3, T22; security.md §3.7
 */
export function resetTerms(
  user: User,
  method: LoginMethod,
  tenant: Pick<Tenant, 'secondFactors' | 'distinctChannels'>,
  asksMore = false,
): ResetTerms | undefined {
  const before = user.owedFactors ?? [];
  const owed = [...new Set([...before, ...otherWays(user, method, tenant)])];
  if (user.loginMethods.some(({ email, verified }) => verified && email === method.email)) {
    return { owed: tenant.distinctChannels && asksMore ? owed : before, removes: [] };
  }
  if (owed.length > 0) return { owed, removes: [] };
  const others = user.loginMethods.filter(({ recipeUserId }) => recipeUserId !== method.recipeUserId);
  const elsewhere = others.some(
    ({ email, phoneNumber }) => phoneNumber !== undefined || (email !== undefined && email !== method.email),
  );
  return elsewhere ? undefined : { owed, removes: others };
}

/** Second factors the account has and the tenant offers, but for a code to the very mailbox that the link went to. */
function otherWays(user: User, { email }: LoginMethod, tenant: Pick<Tenant, 'secondFactors'>): readonly FactorId[] {
  const isMailbox = user.loginMethods.some((own) => own.recipeId === 'passwordless' && own.email === email);
  return factorsSetUp(user).filter(
    (factor) => tenant.secondFactors.some((offered) => offered === factor) && !(factor === 'otp-email' && isMailbox),
  );
}
