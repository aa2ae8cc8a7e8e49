import { findUsers, getUser } from '../shared/admin/users.ts';
import { isUserId } from '../shared/dynamo/keys.ts';
import { ProtocolError } from '../shared/protocol-error.ts';
import { EXIT } from './exit-codes.ts';
import { CommandFailure, usage } from './failure.ts';
import type { Operator } from './operator.ts';

type UserView = Awaited<ReturnType<typeof getUser>>['user'];

export const userArgument = ['<user>', 'id of the user, or an e-mail address or phone number in --tenant'] as const;

/**
 * The user an operator means. An id goes before an address: one may look like the other.
 *
 * @throws CommandFailure for nobody, and for an address under which several accounts sign in.
 */
export async function userOf(who: string, tenantId: string, operator: Operator): Promise<UserView> {
  const byId = isUserId(who) ? await unlessUnknown(getUser(who, operator)) : undefined;
  if (byId !== undefined) return byId.user;
  const contact = contactOf(who);
  if (contact === undefined) throw nobody(`There is no user ${who}.`);
  const { users } = await findUsers({ tenantId, ...contact, limit: 10 }, operator);
  const [user, another] = users;
  if (user === undefined) throw nobody(`Nobody in the tenant ${tenantId} has ${who}.`);
  if (another !== undefined) {
    throw usage(`Several users have ${who}: ${users.map(({ id }) => id).join(', ')}.`, 'Give the id of one of them.');
  }
  return user;
}

/** `a@example.com` or `+36…`. */
export const contactOf = (text: string): { readonly email: string } | { readonly phone: string } | undefined =>
  text.includes('@') ? { email: text } : text.startsWith('+') ? { phone: text } : undefined;

const nobody = (message: string): CommandFailure =>
  new CommandFailure({
    exitCode: EXIT.refused,
    code: 'not-found',
    message,
    next: 'Look for them with stepgate user find, in the right --tenant.',
  });

async function unlessUnknown<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof ProtocolError && error.status === 404) return undefined;
    throw error;
  }
}

/** `anna@example.com (3f1c…)`: for questions and answers. */
export const nameOf = ({ id, emails, phoneNumbers }: UserView): string => {
  const address = emails[0] ?? phoneNumbers[0];
  return address === undefined ? id : `${address} (${id})`;
};
