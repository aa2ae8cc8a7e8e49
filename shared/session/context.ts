import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import { type Evaluation, evaluate } from '../mfa/evaluate.ts';
import type { Facts } from '../mfa/facts.ts';
import type { UserStore } from '../ports.ts';
import { sessionEnded } from '../protocol-error.ts';
import type { Client } from './client.ts';
import { factsOf } from './facts.ts';
import type { IssueDeps } from './issue.ts';
import type { Session } from './session.ts';

/** Who a session belongs to and what the policy says of it, as of now. */
export interface SessionContext {
  readonly session: Session;
  readonly tenant: Tenant;
  readonly user: User;
  readonly facts: Facts;
  readonly evaluation: Evaluation;
}

export type ContextDeps = Pick<IssueDeps, 'roles' | 'clock'> & { readonly users: Pick<UserStore, 'load'> };

/**
 * Loads the session's user, strongly consistent, and evaluates.
 *
 * @throws 401 that ends the session at the client when the user is gone, disabled, out of the tenant, or when all of
 * its sessions were ended since the token was signed.
 */
export async function sessionContext(
  about: { readonly session: Session; readonly tenant: Tenant; readonly client: Client },
  deps: ContextDeps,
): Promise<SessionContext> {
  const { session, tenant, client } = about;
  const user = await deps.users.load(session.userId);
  if (user === undefined || !isMember(user, session)) throw sessionEnded();
  const facts = await factsOf(
    {
      user,
      tenant,
      client,
      completed: session.completed,
      firstFactor: session.payload.firstFactor,
      device: session.payload['st-device'],
    },
    deps,
  );
  return { session, tenant, user, facts, evaluation: evaluate(tenant, facts) };
}

const isMember = (user: User, session: Session): boolean =>
  user.status === 'active' &&
  user.epoch === session.payload.epoch &&
  user.tenantIds.includes(session.tenantId) &&
  user.loginMethods.some((method) => method.recipeUserId === session.recipeUserId);
