import type { LoginMethod, User } from '../account/user.ts';
import type { Session } from '../session/session.ts';

export type ChangeKind = 'email' | 'phone';

const FIELD = { email: 'email', phone: 'phoneNumber' } as const;

export const fieldOf = (kind: ChangeKind) => FIELD[kind];

/** The contact of its kind that a change replaces, and the login methods that have it. */
export interface Present {
  readonly from: string;
  readonly methods: readonly LoginMethod[];
}

/** What a provider says of an address is the provider's: it is not changed here. */
const isOurs = ({ recipeId }: LoginMethod): boolean => recipeId !== 'thirdparty';

/** The one the session began with, else the oldest. */
export function presentContact(user: User, { recipeUserId }: Session, kind: ChangeKind): Present | undefined {
  const own = user.loginMethods.filter((method) => isOurs(method) && method[FIELD[kind]] !== undefined);
  const method = own.find((one) => one.recipeUserId === recipeUserId) ?? own[0];
  const from = method?.[FIELD[kind]];
  if (from === undefined) return undefined;
  return { from, methods: own.filter((one) => one[FIELD[kind]] === from) };
}

export const hasContact = (user: User, kind: ChangeKind, value: string): boolean =>
  user.loginMethods.some((method) => isOurs(method) && method[FIELD[kind]] === value);

/** The user as a change leaves it: with the new contact, proven unless told otherwise, and one epoch on. */
export const withContact = (user: User, kind: ChangeKind, { methods }: Present, to: string, verified = true): User => ({
  ...user,
  epoch: user.epoch + 1,
  version: user.version + 1,
  loginMethods: user.loginMethods.map((method) =>
    methods.includes(method) ? { ...method, [FIELD[kind]]: to, verified } : method,
  ),
});
