import { addressOf, contactKindOf, contactOf } from '../account/contact-kind.ts';
import type { LoginMethod } from '../account/user.ts';
import type { Secrets } from '../keys/secrets.ts';
import { LineFault, type UserRecord } from './record.ts';

/** In the order of the record. The first method's id is the user's, as of an account that was made here, unless it says otherwise. */
export function withIds(
  methods: readonly Omit<LoginMethod, 'recipeUserId'>[],
  record: UserRecord,
  userId: string,
  secrets: Secrets,
): readonly LoginMethod[] {
  const given = record.loginMethods.map(({ recipeUserId }) => recipeUserId);
  const loginMethods = methods.map((method, i) => ({
    recipeUserId: given[i] ?? (i === 0 && !given.includes(userId) ? userId : derivedId(secrets, userId, method)),
    ...method,
  }));
  if (new Set(loginMethods.map(({ recipeUserId }) => recipeUserId)).size < loginMethods.length) {
    throw new LineFault('loginMethods: two have the same recipeUserId');
  }
  return loginMethods;
}

export function requireDistinct(methods: readonly LoginMethod[]): void {
  const contacts = methods.flatMap((method) =>
    method.tenantIds.map((tenantId) => `${tenantId} ${contactKindOf(method)} ${contactOf(method)}`),
  );
  if (new Set(contacts).size < contacts.length) throw new LineFault('loginMethods: two are found by the same contact');
}

/** In the form of a UUID (version 8); under the root secret, so that it tells nothing about the contact. */
export function derivedId(secrets: Secrets, scope: string, method: Omit<LoginMethod, 'recipeUserId'>): string {
  const own: LoginMethod = { ...method, recipeUserId: '' };
  const value = `${contactKindOf(own)} ${contactOf(own) || addressOf(own)}`;
  const hex = Buffer.from(secrets.index('imported', scope, value), 'base64url').toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
