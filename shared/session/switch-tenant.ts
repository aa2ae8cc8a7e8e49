import type { Tenant } from '../account/tenant.ts';
import type { LoginMethod, User } from '../account/user.ts';
import type { SessionStore, TenantStore } from '../ports.ts';
import { tryRefreshToken } from '../protocol-error.ts';
import { type ContextDeps, sessionContext } from './context.ts';
import type { Client } from './client.ts';
import type { IssuedTokens } from './issue.ts';
import type { Session } from './session.ts';
import { type StartDeps, startSession } from './start.ts';

export type SwitchDeps = ContextDeps &
  StartDeps & { readonly tenants: TenantStore; readonly sessions: Pick<SessionStore, 'get'> };

export type SwitchOutcome =
  | { readonly status: 'OK'; readonly tenantId: string; readonly tokens?: IssuedTokens }
  | { readonly status: 'TENANT_SWITCH_NOT_ALLOWED'; readonly reason: string };

const NOT_A_MEMBER = 'The user is not a member of this tenant';
const NOT_A_WAY_IN = 'This tenant does not offer the way this session began with, please sign in to it';

/**
 * Begins a session in another tenant of the user, in place of the present one, with what was completed in it.
 *
 * The other tenant's policy decides what is still missing; times stay those at which the factors were shown, so nothing
 * gets fresh by it. The present session must be the one the token tells of, to the refresh token: of parallel switches
 * one is done, and an access token from before the last refresh does none.
 *
 * @throws 401 `try refresh token` for the others: a client whose tokens were replaced meanwhile goes on with those.
 */
export async function switchTenant(
  about: { readonly session: Session; readonly tenant: Tenant; readonly client: Client; readonly to: string },
  deps: SwitchDeps,
): Promise<SwitchOutcome> {
  const { session, client, to } = about;
  const { user } = await sessionContext(about, deps);
  // A tenant the user is no member of is not even looked for.
  const tenant = user.tenantIds.includes(to) ? await deps.tenants.get(to) : undefined;
  if (tenant === undefined) return { status: 'TENANT_SWITCH_NOT_ALLOWED', reason: NOT_A_MEMBER };
  if (to === session.tenantId) return { status: 'OK', tenantId: to };
  if (!isWayIn(user, session, tenant)) return { status: 'TENANT_SWITCH_NOT_ALLOWED', reason: NOT_A_WAY_IN };

  const replaces = await deps.sessions.get(session.userId, session.handle);
  if (replaces?.refreshTokenHash !== session.payload.refreshTokenHash1) throw tryRefreshToken();
  const { recipeUserId, firstFactor } = replaces;
  const tokens = await startSession({ user, recipeUserId, tenant, firstFactor, client, replaces }, deps);
  return { status: 'OK', tenantId: to, tokens };
}

/** The user could have begun the session there: by a method of that tenant, by a first factor it offers. */
const isWayIn = (user: User, session: Session, tenant: Tenant): boolean =>
  tenant.firstFactors.includes(session.payload.firstFactor) &&
  user.loginMethods.some(
    (method) =>
      method.recipeUserId === session.recipeUserId &&
      method.tenantIds.includes(tenant.tenantId) &&
      isOfProvider(method, tenant),
  );

const isOfProvider = ({ thirdParty }: LoginMethod, { providers }: Tenant): boolean =>
  thirdParty === undefined || providers.some((provider) => provider.thirdPartyId === thirdParty.id);
