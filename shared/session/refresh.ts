import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { TenantStore, UserStore } from '../ports.ts';
import type { Client } from './client.ts';
import { factsOf } from './facts.ts';
import { type IssueDeps, type IssuedTokens, issueTokens } from './issue.ts';
import { noteAnswer } from './note-answer.ts';
import { readRefreshToken } from './refresh-token.ts';
import { type Given, type Moved, move, type RotationDeps } from './rotation.ts';
import type { SessionRecord } from './session.ts';

export type RefreshDeps = IssueDeps &
  RotationDeps & { readonly users: Pick<UserStore, 'load'>; readonly tenants: TenantStore };

export type RefreshOutcome =
  | { readonly status: 'OK'; readonly tokens: IssuedTokens; readonly session: SessionRecord }
  /** Nothing of ours, or a session that is over. */
  | { readonly status: 'UNAUTHORISED' }
  /** A displaced token: its session is revoked. */
  | { readonly status: 'THEFT' };

/**
 * Exchanges a refresh token for its successor and an access token with claims as they are now.
 *
 * Two requests: everything about the user, then one conditional write that moves the session. A third reads the tenant,
 * where the client is back before its access token has run out: an immediate policy may have sent it, and nothing that
 * was read before will do then. One more where the policy's answer is another than the last time.
 *
 * Parallel calls with one token all get the same successor; a lost reply may be asked for again; a token that was
 * displaced is theft; garbage changes nothing. The policy is evaluated anew, with everything about the user and the
 * tenant as it is now: a role, a rule, a requirement or an exemption reaches a live session here.
 *
 * @see security.md §3.6
 * @see FDI /session/refresh
 */
export async function refreshSession(
  presented: { readonly token: string; readonly client: Client },
  deps: RefreshDeps,
): Promise<RefreshOutcome> {
  const secrets = await deps.keys.secrets();
  const token = readRefreshToken(secrets, presented.token);
  if (token === undefined) return { status: 'UNAUTHORISED' };
  const given = { ...presented, from: token };
  const outcome = await refreshAs(secrets, given, deps);
  if (outcome !== 'STALE') return outcome;
  // All other sessions of the user were ended just now, and this one kept: once more, with the user as it is.
  const again = await refreshAs(secrets, given, deps);
  return again === 'STALE' ? { status: 'UNAUTHORISED' } : again;
}

async function refreshAs(secrets: Secrets, given: Given, deps: RefreshDeps): Promise<RefreshOutcome | 'STALE'> {
  const { userId, handle } = given.from;
  const askedAt = deps.clock.now();
  const tenantId = handle.split('_')[1] ?? 'public';
  const [user, held] = await Promise.all([deps.users.load(userId), deps.tenants.get(tenantId)]);
  if (user === undefined) return { status: 'UNAUTHORISED' };
  if (held === undefined || user.status !== 'active' || !user.tenantIds.includes(tenantId)) {
    await deps.sessions.revoke(userId, handle, deps.clock.now(), 'shut-out');
    return { status: 'UNAUTHORISED' };
  }
  const moved = await move(secrets, { ...given, user, tenant: held }, deps);
  if (moved === 'STALE') return moved;
  if (typeof moved === 'string') return { status: moved };
  const tenant = moved.isEarly && held.readAt < askedAt ? await deps.tenants.get(tenantId, askedAt) : held;
  if (tenant === undefined) return { status: 'UNAUTHORISED' };
  const tokens = await tokensFor({ ...moved, user, tenant, client: given.client }, deps);
  return { status: 'OK', session: moved.session, tokens };
}

async function tokensFor(
  about: Moved & { readonly user: User; readonly tenant: Tenant; readonly client: Client },
  deps: RefreshDeps,
): Promise<IssuedTokens> {
  const { session, user, tenant } = about;
  const facts = await factsOf(
    {
      user,
      tenant,
      firstFactor: session.firstFactor,
      completed: session.completed,
      client: about.client,
      device: session.device,
    },
    deps,
  );
  const { tokens, evaluation } = await issueTokens(
    {
      user,
      tenant,
      facts,
      handle: session.handle,
      recipeUserId: session.recipeUserId,
      refresh: {
        token: about.refreshToken,
        expiresAt: Math.min(session.idleExpiresAt, session.absoluteExpiresAt),
        issuedAt: about.issuedAt,
      },
      until: session.absoluteExpiresAt,
      device: session.device,
    },
    deps,
  );
  await noteAnswer({ session, tenant, facts, evaluation, occasion: 'refresh' }, deps);
  return tokens;
}
