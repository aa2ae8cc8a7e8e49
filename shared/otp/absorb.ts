import { factorsSetUp, type User } from '../account/user.ts';
import type { UserStore } from '../ports.ts';
import type { Device } from './device.ts';

/**
 * The account that this very mailbox or phone signs in to by itself, where the session's user proves it as an address
 * of their own: whoever signed in by code once and by password now is one person, and would be refused for ever.
 *
 * @returns undefined unless that account is nothing but the address: it has no other method, factor, role or fact, is
 * not primary, and nothing is lost with it. An address that is new to the session's user is never taken from anybody.
 * @see wire.md §13.3
 */
export async function mailboxAccount(
  device: Pick<Device, 'purpose' | 'factorId' | 'tenantId' | 'contact'>,
  conflict: string,
  { users }: { readonly users: Pick<UserStore, 'byContact' | 'load'> },
): Promise<User | undefined> {
  if (conflict !== 'ERR_CODE_017' || device.purpose !== 'second-factor') return undefined;
  const kind = device.factorId === 'otp-email' ? 'passwordless:email' : 'passwordless:phone';
  const found = await users.byContact(kind, device.tenantId, device.contact);
  const user = found === undefined ? undefined : await users.load(found.userId);
  return user !== undefined && isNothingElse(user) ? user : undefined;
}

const isNothingElse = (user: User): boolean =>
  user.status === 'active' &&
  !user.isPrimary &&
  user.loginMethods.length === 1 &&
  user.tenantIds.length === 1 &&
  factorsSetUp(user).length === 1 &&
  user.requiredFactors.length === 0 &&
  Object.values(user.roles).every((roles) => roles.length === 0) &&
  Object.keys(user.metadata).length === 0;
