import { addressOf, contactKindOf, contactOf, primaryKind } from '../account/contact-kind.ts';
import type { User } from '../account/user.ts';
import type { ContactKind, PrimaryKind } from '../ports.ts';

/** Something a user is found by in a tenant, and no other user may be. */
export interface Contact {
  readonly kind: ContactKind | PrimaryKind;
  readonly tenantId: string;
  readonly value: string;
  readonly recipeUserId: string;
}

/** Each once: every contact and, of a primary user, every address among those as well. */
export function contactsOf(user: User): readonly Contact[] {
  const contacts = new Map<string, Contact>();
  for (const method of user.loginMethods) {
    const { recipeUserId } = method;
    for (const tenantId of method.tenantIds) {
      for (const [kind, value] of [
        [contactKindOf(method), contactOf(method)] as const,
        ...(user.isPrimary ? [[primaryKind(method), addressOf(method)] as const] : []),
      ]) {
        const key = `${tenantId} ${kind} ${value}`;
        if (value !== '' && !contacts.has(key)) contacts.set(key, { kind, tenantId, value, recipeUserId });
      }
    }
  }
  return [...contacts.values()];
}

/** In a sentence. Never the contact itself. */
export const CONTACT_NAMES: Readonly<Record<Contact['kind'], string>> = {
  'emailpassword:email': 'the address of a password',
  'passwordless:email': 'the address of a code or link',
  'passwordless:phone': 'the phone number of a code or link',
  thirdparty: 'the identity at a provider',
  'primary:email': 'an address',
  'primary:phone': 'a phone number',
};
