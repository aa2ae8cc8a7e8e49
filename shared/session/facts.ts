import type { Tenant } from '../account/tenant.ts';
import { emailsOf, factorsSetUp, phonesOf, rolesAt, type User } from '../account/user.ts';
import type { Facts } from '../mfa/facts.ts';
import type { FactorId } from '../mfa/factor.ts';
import type { Completed } from '../mfa/requirements.ts';
import type { Clock, RoleStore } from '../ports.ts';
import { type SessionDevice, trustIn } from '../trusted-devices/device.ts';
import type { Client } from './client.ts';

/** Loads nothing but what is cached: everything a policy may read, about this user in this session, now. */
export async function factsOf(
  about: {
    readonly user: User;
    readonly tenant: Tenant;
    readonly firstFactor: FactorId;
    readonly completed: Completed;
    readonly client: Client;
    readonly device?: SessionDevice | undefined;
  },
  { roles, clock }: { readonly roles: RoleStore; readonly clock: Clock },
): Promise<Facts> {
  const { user, tenant, client } = about;
  const ownRoles = rolesAt(user, tenant.tenantId);
  return {
    user: {
      id: user.userId,
      roles: ownRoles,
      permissions: await roles.permissionsOf(ownRoles),
      emails: emailsOf(user),
      phones: phonesOf(user),
      requiredFactors: user.requiredFactors,
      metadata: user.metadata,
      timeJoined: user.timeJoined,
      factorsSetUp: factorsSetUp(user),
      owedFactors: user.owedFactors ?? [],
      ...spared(user, tenant.tenantId),
    },
    tenant: {
      id: tenant.tenantId,
      requiredSecondaryFactors: tenant.requiredSecondaryFactors,
      metadata: tenant.metadata,
    },
    session: {
      firstFactor: about.firstFactor,
      completed: about.completed,
      isNewDevice: about.device?.isNew ?? true,
      ...trustIn(about, clock.now()),
    },
    request: { ip: client.ip, country: client.country, userAgent: client.userAgent },
    now: clock.now(),
  };
}

/** What the user is spared in this tenant. Own members only: a tenant may be called `constructor`. */
const spared = (
  { grace = {}, exemptions = {} }: User,
  tenantId: string,
): Pick<Facts['user'], 'grace' | 'exemption'> => ({
  ...(Object.hasOwn(grace, tenantId) ? { grace: grace[tenantId]! } : {}),
  ...(Object.hasOwn(exemptions, tenantId) ? { exemption: exemptions[tenantId]! } : {}),
});
