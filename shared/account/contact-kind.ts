import type { ContactKind, PrimaryKind } from '../ports.ts';
import type { LoginMethod } from './user.ts';

/** Which lookup a method's contact is unique under. */
export const contactKindOf = (method: LoginMethod): ContactKind =>
  method.recipeId === 'emailpassword'
    ? 'emailpassword:email'
    : method.thirdParty !== undefined
      ? 'thirdparty'
      : method.phoneNumber === undefined
        ? 'passwordless:email'
        : 'passwordless:phone';

/** What a method is found by: an address, or provider and subject. A provider's id holds no `|`. */
export const contactOf = (method: LoginMethod): string =>
  method.thirdParty === undefined ? addressOf(method) : `${method.thirdParty.id}|${method.thirdParty.userId}`;

/** Empty for a method without one. */
export const addressOf = (method: LoginMethod): string => method.email ?? method.phoneNumber ?? '';

/** Among primary users a contact is one account's, whatever recipe it came by. */
export const primaryKind = (method: LoginMethod): PrimaryKind =>
  method.phoneNumber === undefined ? 'primary:email' : 'primary:phone';
