import type { Messages } from '../i18n/en.ts';
import { spanOf } from '../i18n/service-texts.ts';
import type { WrongGuess } from '../account.ts';

/** What to say of a guess that was not right. */
export function wrongGuess(guess: WrongGuess, t: Messages): string {
  if (guess.status === 'LIMIT_REACHED_ERROR') return t.tooMany(spanOf(guess.retryAfterMs, t));
  const left = guess.maxNumberOfFailedAttempts - guess.currentNumberOfFailedAttempts;
  return left < 1 ? t.wrongCode : `${t.wrongCode} ${t.attemptsLeft(left)}`;
}
