import { randomUUID } from 'node:crypto';
import type { Tenant } from '../account/tenant.ts';
import { type LoginMethod, type User, userWith } from '../account/user.ts';
import type { Identity } from './identity.ts';

/** An account of its own for an identity that no account has. */
export function accountFor(of: {
  readonly identity: Identity;
  readonly thirdPartyId: string;
  readonly tenant: Pick<Tenant, 'tenantId'>;
  readonly now: number;
}): { readonly user: User; readonly method: LoginMethod } {
  const { identity, thirdPartyId, tenant, now } = of;
  const method: LoginMethod = {
    recipeUserId: randomUUID(),
    recipeId: 'thirdparty',
    thirdParty: { id: thirdPartyId, userId: identity.subject },
    ...(identity.email === undefined ? {} : { email: identity.email }),
    verified: identity.verified,
    timeJoined: now,
    tenantIds: [tenant.tenantId],
  };
  return { user: userWith(method), method };
}
