import { addressOf, contactKindOf, contactOf, primaryKind } from '../account/contact-kind.ts';
import type { LoginMethod, User } from '../account/user.ts';
import { mailboxAccount } from '../otp/absorb.ts';
import type { OtpFactor } from '../mfa/factor.ts';
import type { UserStore } from '../ports.ts';

export type LookupStore = Pick<UserStore, 'byContact' | 'load'>;

/**
 * Whether a code that this user types in could be used: with it the address, and every other address of the account,
 * becomes the account's own among primary users, and none of them may be somebody else's.
 *
 * The account that is that very mailbox and nothing else stands in nobody's way: it is taken up.
 *
 * @see wire.md §13.2
 */
export async function isClaimable(
  of: {
    readonly user: User;
    readonly tenantId: string;
    readonly factor: OtpFactor;
    readonly link: LoginMethod;
    /** The address is the user's own already. */
    readonly isOwn: boolean;
  },
  users: LookupStore,
): Promise<boolean> {
  const { user, tenantId, factor, link, isOwn } = of;
  const contact = contactOf(link);
  const primaries = new Map(
    [...user.loginMethods, link]
      .filter((method) => addressOf(method) !== '')
      .map((method) => [`${primaryKind(method)} ${addressOf(method)}`, method] as const),
  );
  const [holder, ...others] = await Promise.all([
    users.byContact(contactKindOf(link), tenantId, contact),
    ...[...primaries.values()].map((method) => users.byContact(primaryKind(method), tenantId, addressOf(method))),
  ]);
  if (others.some((other) => other !== undefined && other.userId !== user.userId)) return false;
  if (holder === undefined || holder.userId === user.userId) return true;
  const purpose = isOwn ? 'second-factor' : 'enrol';
  return (
    (await mailboxAccount({ purpose, factorId: factor, tenantId, contact }, 'ERR_CODE_017', { users })) !== undefined
  );
}
