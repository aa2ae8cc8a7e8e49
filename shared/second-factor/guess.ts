import type { Tenant } from '../account/tenant.ts';
import { tryAccount, type TryDeps } from '../account/try-account.ts';
import type { Config } from '../config.ts';
import { codePerIp, GUESSES_BEFORE_LOCK, userBudget } from '../limits.ts';
import { refusedGuess } from '../otp/consume-outcome.ts';
import type { GeneralError } from '../otp/send-code.ts';
import type { BudgetStore } from '../ports.ts';
import type { Client } from '../session/client.ts';
import type { Session } from '../session/session.ts';

export type GuessDeps = TryDeps & {
  readonly config: Pick<Config, 'LIMIT_SCALE'>;
  readonly budgets: BudgetStore;
};

/** What a wrong guess is told, in the FDI's words. */
export interface Attempts {
  readonly currentNumberOfFailedAttempts: number;
  readonly maxNumberOfFailedAttempts: number;
}

export type GuessRefusal = { readonly status: 'LIMIT_REACHED_ERROR'; readonly retryAfterMs: number } | GeneralError;

export type Guess =
  | {
      readonly allowed: true;
      readonly attempts: Attempts;
      /** Guesses before a lock, this one spent. */
      readonly left: number;
      /** Once it is known whether the guess was right, and before anybody is told. */
      readonly settle: (passed: boolean) => Promise<void>;
    }
  | { readonly allowed: false; readonly refusal: GuessRefusal };

/**
 * Spends a guess before anything is compared: of the client's address, then of the user. It is the same count that codes
 * by mail and message are guessed from, so that no factor adds guesses to another's.
 *
 * A right code gives the user's back, in the transaction that uses it.
 */
export async function claimGuess(
  about: { readonly session: Session; readonly tenant: Tenant; readonly client: Client; readonly now: number },
  deps: GuessDeps,
): Promise<Guess> {
  const { config, budgets } = deps;
  const { session, tenant, client, now } = about;
  const limit = codePerIp(client.ip, config.LIMIT_SCALE, session.userId);
  const tried = await tryAccount({ limit, tenant, client, now }, deps);
  if (!tried.allowed) return refused({ status: 'LIMIT_REACHED_ERROR', retryAfterMs: tried.retryAfterMs });
  const mine = await budgets.claim(userBudget(tenant.tenantId, session.userId), now);
  if (mine.allowed) {
    const currentNumberOfFailedAttempts = GUESSES_BEFORE_LOCK - mine.left;
    return {
      allowed: true,
      attempts: { currentNumberOfFailedAttempts, maxNumberOfFailedAttempts: GUESSES_BEFORE_LOCK },
      left: mine.left,
      settle: tried.settle,
    };
  }
  if (mine.reason === 'disabled') return refused(refusedGuess(mine));
  return refused({ status: 'LIMIT_REACHED_ERROR', retryAfterMs: mine.retryAfterMs });
}

const refused = (refusal: GuessRefusal): Guess => ({ allowed: false, refusal });
