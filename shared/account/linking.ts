import { randomUUID } from 'node:crypto';
import type { Identity } from '../third-party/identity.ts';
import type { Tenant } from './tenant.ts';
import type { LoginMethod, User } from './user.ts';

/**
 * Where an identity goes that no account has: to an account of its own.
 *
 * The one place that decides it. An account which merely has the same address is never entered: whoever may link, and
 * what both sides must have proved for it, is to be decided here. @see security.md §2.4, SEC-65
 */
export function accountFor(of: {
  readonly identity: Identity;
  readonly thirdPartyId: string;
  readonly tenant: Pick<Tenant, 'tenantId'>;
  readonly now: number;
}): { readonly user: User; readonly method: LoginMethod } {
  const { identity, thirdPartyId, tenant, now } = of;
  const userId = randomUUID();
  const method: LoginMethod = {
    recipeUserId: userId,
    recipeId: 'thirdparty',
    thirdParty: { id: thirdPartyId, userId: identity.subject },
    ...(identity.email === undefined ? {} : { email: identity.email }),
    verified: identity.verified,
    timeJoined: now,
    tenantIds: [tenant.tenantId],
  };
  const user: User = {
    userId,
    status: 'active',
    epoch: 0,
    version: 0,
    isPrimary: false,
    timeJoined: now,
    tenantIds: [tenant.tenantId],
    metadata: {},
    loginMethods: [method],
    roles: {},
    requiredFactors: [],
  };
  return { user, method };
}
