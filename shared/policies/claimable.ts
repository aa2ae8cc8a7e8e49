import { addressOf, contactKindOf, contactOf, primaryKind } from '../account/contact-kind.ts';
import type { LoginMethod, User } from '../account/user.ts';
import type { OtpFactor } from '../mfa/factor.ts';
import { mailboxAccount } from '../otp/absorb.ts';
import type { Lookups } from './lookups.ts';

/** Why an address cannot become an account's: somebody else has it, or it is kept for somebody who had it. */
export type Conflict = 'taken' | 'kept';

/**
 * Whether a code that this user types in could be used: with it the address, and every other address of the account,
 * becomes the account's own among primary users, and none of them may be somebody else's.
 *
 * The account that is that very mailbox and nothing else stands in nobody's way: it is taken up.
 *
 * @returns what stands in the way, if anything does.
 * @see wire.md §13.2
 */
export async function conflictOf(
  of: {
    readonly user: User;
    readonly tenantId: string;
    readonly factor: OtpFactor;
    readonly link: LoginMethod;
    /** The address is the user's own already. */
    readonly isOwn: boolean;
  },
  lookups: Lookups,
): Promise<Conflict | undefined> {
  const { user, tenantId, factor, link, isOwn } = of;
  const contact = contactOf(link);
  const methods = [...user.loginMethods, link].map((method) => ({ ...method, tenantIds: [tenantId] }));
  const [holder, among] = await Promise.all([
    lookups.holder(contactKindOf(link), tenantId, contact),
    primaryConflict(user.userId, methods, lookups),
  ]);
  if (among !== undefined) return among;
  if (holder === undefined || holder.userId === user.userId) return undefined;
  if (holder.isKept) return 'kept';
  const purpose = isOwn ? 'second-factor' : 'enrol';
  const absorbed = await mailboxAccount({ purpose, factorId: factor, tenantId, contact }, 'ERR_CODE_017', lookups);
  return absorbed === undefined ? 'taken' : undefined;
}

/**
 * Whether somebody else has one of the addresses of these methods among primary users, in any tenant of theirs.
 *
 * @param from an account that is emptied with it: what is its, and not merely kept for it, stands in nobody's way.
 */
export async function primaryConflict(
  userId: string,
  methods: readonly LoginMethod[],
  { holder }: Pick<Lookups, 'holder'>,
  from?: string,
): Promise<Conflict | undefined> {
  const found = await Promise.all(
    methods
      .filter((method) => addressOf(method) !== '')
      .flatMap((method) => method.tenantIds.map((id) => holder(primaryKind(method), id, addressOf(method)))),
  );
  const other = found.find((one) => one !== undefined && one.userId !== userId && (one.isKept || one.userId !== from));
  return other === undefined ? undefined : other.isKept ? 'kept' : 'taken';
}
