import { type Mark, marks } from '../notices/marks.ts';
import type { AuditEvent } from '../ports.ts';
import { maskContact } from './contact.ts';
import { addressOf } from './contact-kind.ts';
import type { Tenant } from './tenant.ts';
import type { LoginMethod, User } from './user.ts';

/** What the history of the account says of it. */
export function linked(
  event: string,
  about: {
    readonly user: User;
    readonly method: LoginMethod;
    readonly tenant: Pick<Tenant, 'tenantId'>;
    readonly now: number;
    readonly from?: User | undefined;
  },
): AuditEvent {
  const { user, method, tenant, now, from } = about;
  const address = addressOf(method);
  const kind = method.phoneNumber === undefined ? 'email' : 'phone';
  return {
    userId: user.userId,
    tenantId: tenant.tenantId,
    at: now,
    event,
    details: {
      recipeId: method.recipeId,
      recipeUserId: method.recipeUserId,
      ...(address === '' ? {} : { contact: maskContact(kind, address) }),
      ...(method.thirdParty === undefined ? {} : { thirdPartyId: method.thirdParty.id }),
      ...(from === undefined || from === user ? {} : { from: from.userId, roles: from.roles }),
    },
  };
}

/** What the notice of a link tells of: the methods, and what the other account asked for and this one did not. */
export const linkMarks = (about: {
  readonly user: User;
  readonly method?: LoginMethod;
  readonly from?: User | undefined;
  readonly now: number;
}): readonly Mark[] => {
  const { user, method, from, now } = about;
  const methods = from?.loginMethods ?? (method === undefined ? [] : [method]);
  const asked = (from?.requiredFactors ?? []).filter((factor) => !user.requiredFactors.includes(factor));
  return [...asked.map((factor) => marks.factor(factor, true, now)), ...methods.map((one) => marks.method(one))];
};
