import type { User } from '../account/user.ts';
import { userBudget } from '../limits.ts';
import type { SecondFactor } from '../mfa/factor.ts';
import type { NoticeDeps } from '../notices/notify.ts';
import { NOT_NOW } from '../otp/consume-outcome.ts';
import type { GeneralError } from '../otp/send-code.ts';
import type { BudgetStore, CompletionStore, Proof } from '../ports.ts';
import { sessionEnded } from '../protocol-error.ts';
import { planAdvance } from '../session/advance.ts';
import type { SessionContext } from '../session/context.ts';
import type { Client } from '../session/client.ts';
import type { IssueDeps, IssuedTokens } from '../session/issue.ts';
import { reportTrust } from '../trusted-devices/report-trust.ts';

export type CompleteDeps = IssueDeps &
  NoticeDeps & { readonly completions: CompletionStore; readonly budgets: BudgetStore };

export interface Completing {
  readonly context: SessionContext;
  readonly client: Client;
  readonly requestId: string;
  readonly now: number;
  readonly factor: SecondFactor;
  readonly proof: Proof;
  /** The user as the transaction leaves it. */
  readonly after: User;
  /** Also put the factor on the user's own list. */
  readonly optIn: boolean;
}

export type CompleteOutcome =
  | { readonly status: 'OK'; readonly tokens: IssuedTokens }
  /** Another request used it first, or what it was compared with is gone. */
  | { readonly status: 'CODE_GONE' }
  | GeneralError;

/**
 * What was typed in was right: uses it up, and the session gains the factor and a new refresh token, all in one
 * transaction. Where only the refresh token had moved on, once more from where it is.
 *
 * The guess that was spent on it comes back whatever the outcome: it was none. A person who clicks twice is not locked.
 *
 * @throws 401 that ends the session at the client when it is over.
 */
export async function completeFactor(completing: Completing, deps: CompleteDeps): Promise<CompleteOutcome> {
  const outcome = await attempt(completing, deps);
  const { tenant, user } = completing.context;
  if (outcome.status !== 'OK') await deps.budgets.giveBack(userBudget(tenant.tenantId, user.userId));
  return outcome;
}

async function attempt(completing: Completing, deps: CompleteDeps, from?: string): Promise<CompleteOutcome> {
  const { context, client, requestId, now, factor, proof, after, optIn } = completing;
  const { user, session, tenant } = context;
  const advance = await planAdvance(
    { session, tenant, client, user: after, factor, now, ...(from === undefined ? {} : { from }) },
    deps,
  );
  const outcome = await deps.completions.complete({
    ...proof,
    user,
    requestId,
    now,
    session: advance.step,
    optIn,
    budgets: [userBudget(tenant.tenantId, user.userId)],
  });
  switch (outcome.status) {
    case 'OK':
      deps.log.info('factor.done', { tenantId: tenant.tenantId, userId: user.userId, factor });
      await reportTrust(advance.step.device?.change, { user, tenant, client, now }, deps);
      return { status: 'OK', tokens: await advance.tokens() };
    case 'CODE_GONE':
      return outcome;
    case 'SESSION_GONE':
      throw sessionEnded();
    case 'USER_CHANGED':
    case 'CONFLICT':
      return NOT_NOW;
    case 'SESSION_MOVED':
      return from === undefined ? attempt(completing, deps, outcome.session.refreshTokenHash) : NOT_NOW;
  }
}
