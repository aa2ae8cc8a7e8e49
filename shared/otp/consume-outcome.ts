import type { UserView } from '../account/user.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { BudgetOutcome, Log } from '../ports.ts';
import type { IssuedTokens } from '../session/issue.ts';
import { isCode } from './code.ts';
import { span } from './deliver.ts';
import type { Device } from './device.ts';
import type { GeneralError, notAllowed } from './send-code.ts';

/** How the use of a code can end, whichever factor it is. */

type Attempts = { readonly failedCodeInputAttemptCount: number; readonly maximumCodeInputAttempts: number };

export type ConsumeOutcome =
  | {
      readonly status: 'OK';
      readonly createdNewRecipeUser: boolean;
      readonly user: UserView;
      /** Not part of the body. */
      readonly tokens: IssuedTokens;
    }
  | ({ readonly status: 'INCORRECT_USER_INPUT_CODE_ERROR' | 'EXPIRED_USER_INPUT_CODE_ERROR' } & Attempts)
  | { readonly status: 'RESTART_FLOW_ERROR' }
  | ReturnType<typeof notAllowed>
  | GeneralError;

export const RESTART = { status: 'RESTART_FLOW_ERROR' } as const;

/** Compares a code whose attempt was spent. @returns undefined when it is right and in time. */
export function compare(secrets: Secrets, device: Device, guess: string, now: number) {
  const isRight = isCode(secrets, device, guess);
  if (isRight && device.expiresAt > now) return undefined;
  if (device.attempts >= device.maxAttempts) return RESTART;
  return {
    status: isRight ? 'EXPIRED_USER_INPUT_CODE_ERROR' : 'INCORRECT_USER_INPUT_CODE_ERROR',
    failedCodeInputAttemptCount: device.attempts,
    maximumCodeInputAttempts: device.maxAttempts,
  } as const;
}

/** Messages that cost money and are not used are somebody's business: `sms-unused` in docs/operations.md. */
export function reportUse({ factorId, purpose }: Device, { log }: { readonly log: Log }): void {
  if (factorId === 'otp-phone') log.info('sms.used', { purpose });
}

/** Somebody changed the account or its session in the same moment. The code is still good. */
export const NOT_NOW: GeneralError = {
  status: 'GENERAL_ERROR',
  message: "We couldn't check the code right now. Please try again.",
};

export const tooMany = (retryAfterMs: number): GeneralError => ({
  status: 'GENERAL_ERROR',
  message: `Too many attempts. Please try again in ${span(retryAfterMs)}.`,
  retryAfterMs,
});

export const refusedGuess = (refusal: Exclude<BudgetOutcome, { allowed: true }>): GeneralError =>
  refusal.reason === 'locked'
    ? tooMany(refusal.retryAfterMs)
    : { status: 'GENERAL_ERROR', message: 'This factor is disabled after too many attempts. Please contact support.' };
