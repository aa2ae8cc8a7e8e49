import { settlesOwed } from '../account/owed.ts';
import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import { decisionEvent } from '../policies/decision-record.ts';
import { evaluate } from '../mfa/evaluate.ts';
import type { Facts } from '../mfa/facts.ts';
import type { SecondFactor } from '../mfa/factor.ts';
import type { Completion } from '../ports.ts';
import { rememberDevice } from '../trusted-devices/remember.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Client } from './client.ts';
import { factsOf } from './facts.ts';
import { type IssueDeps, type IssuedTokens, issueTokens } from './issue.ts';
import { refreshTokenHash, successor } from './refresh-token.ts';
import type { Session } from './session.ts';
import { withGraceStored } from './stored-grace.ts';
import { lifetimes, PENDING_SESSION_SECONDS } from './start.ts';

/** A session on its way to one factor more: what to write, and what to sign once it is written. */
export interface Advance {
  readonly step: Completion['session'];
  readonly tokens: () => Promise<IssuedTokens>;
}

/**
 * Plans the boundary rotation: same handle, next refresh token, so that whoever holds a refresh token from before the
 * factor does not receive the session from after it. The successor follows from the token the client holds, so the
 * same request again finds the same one.
 *
 * The session's absolute end moves to its full length when nothing is left to do, and stays where it is otherwise.
 *
 * @param about.user as the completing transaction leaves it.
 * @param about.from hash of the refresh token in force, where it is not the one the access token names.
 * @see security.md §3.6
 */
export async function planAdvance(
  about: {
    readonly session: Session;
    readonly tenant: Tenant;
    readonly user: User;
    readonly client: Client;
    readonly factor: SecondFactor;
    readonly now: number;
    readonly from?: string;
  },
  deps: IssueDeps,
): Promise<Advance> {
  const { session, tenant, user, client, factor, now } = about;
  const secrets = await deps.keys.secrets();
  const from = about.from ?? session.payload.refreshTokenHash1;
  const refreshToken = successor(secrets, session, from, 0);
  const completedAtSeconds = Math.floor(now / 1000);
  const { firstFactor, 'st-device': device } = session.payload;
  const completed = { ...session.completed, [factor]: completedAtSeconds };
  const read = await factsOf({ user, tenant, client, completed, firstFactor, device }, deps);
  const facts = await withGraceStored(tenant, read, deps);
  const evaluation = evaluate(tenant, facts);
  const done = evaluation.claim.v;
  const createdAt = createdAtOf(facts);
  // Past the pending span only a session is alive that owed nothing once, here or in the tenant it was switched from:
  // its end stays where that put it.
  const pending = !done && now < createdAt + PENDING_SESSION_SECONDS * 1000;
  const life = lifetimes(now, pending, deps, createdAt);
  const remembered = done
    ? rememberDevice({ user, tenant, client, firstFactor, completed, device, now }, secrets)
    : undefined;
  return {
    step: {
      handle: session.handle,
      factor,
      from,
      to: refreshTokenHash(refreshToken),
      completedAtSeconds,
      fingerprint: fingerprintOf(secrets, tenant.tenantId, client),
      idleExpiresAt: life.idleExpiresAt,
      satisfied: done,
      decision: decisionEvent({ tenant, facts, evaluation, occasion: 'factor', handle: session.handle }),
      ...(done && settlesOwed(user, { firstFactor, completed }) ? { settlesOwed: true } : {}),
      ...(done ? { absoluteExpiresAt: life.absoluteExpiresAt } : {}),
      ...(remembered === undefined ? {} : { device: { change: remembered.change, carried: remembered.carried } }),
    },
    tokens: async () => {
      const issued = await issueTokens(
        {
          user,
          tenant,
          facts,
          handle: session.handle,
          recipeUserId: session.recipeUserId,
          refresh: {
            token: refreshToken,
            expiresAt: Math.min(life.idleExpiresAt, life.absoluteExpiresAt),
            issuedAt: now,
          },
          until: Math.max(life.absoluteExpiresAt, now + 1000),
          device: remembered?.carried ?? device,
        },
        deps,
      );
      return remembered === undefined ? issued.tokens : { ...issued.tokens, device: remembered.handout };
    },
  };
}

/** A session is as old as its first factor. Epoch milliseconds. */
const createdAtOf = ({ session, now }: Facts): number => (session.completed[session.firstFactor] ?? now / 1000) * 1000;
