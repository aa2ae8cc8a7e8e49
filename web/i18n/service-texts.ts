import type { Messages } from './en.ts';
import { factorNames } from './factor-name.ts';

type Say = (t: Messages, detail: string) => string;

/** The sentences that the service sends for people, each with ours; `(…)` is what changes in it. */
const KNOWN: readonly (readonly [RegExp, Say])[] = [
  [/^Email is invalid/, (t) => t.invalidEmail],
  [/^Phone number is invalid/, (t) => t.invalidPhone],
  [/^Field is not optional/, (t) => t.missing],
  [/^This email already exists/, (t) => t.taken],
  [/^Password must contain at least (\d+)/, (t, least) => t.tooShort(least)],
  [/^Password's length must be lesser than (\d+)/, (t, bound) => t.tooLong(String(Number(bound) - 1))],
  [/^At most (\d+) characters/, (t, most) => t.tooLong(most)],
  [/^This password is too common/, (t) => t.tooCommon],
  [/^Too many attempts. Please try again in (.+)\.$/, (t, span) => t.tooMany(spanIn(t, span))],
  [/^Too many codes were requested. Please try again in (.+)\.$/, (t, span) => t.tooManyCodes(spanIn(t, span))],
  [/^A code was sent just now. Please wait (.+) before/, (t, span) => t.tooSoon(spanIn(t, span))],
  [/^Text messages cannot be sent to this country/, (t) => t.country],
  [/^We could not send a code to this address/, (t) => t.undeliverable],
  [/^We couldn't send the code right now/, (t) => t.notSent],
  [/^This factor is disabled after too many attempts/, (t) => t.locked],
  [
    /^Your account needs (.+), which cannot be set up here/,
    (t, ids) => t.needs(factorNames(ids.split(' or '), t, 'or')),
  ],
  [/^This is yours already/, (t) => t.yoursAlready],
  [/^We sent you an email/, (t) => t.signUpByMail],
  [/^We could not send a mail to this address/, (t) => t.undeliverable],
  [/^We couldn't send the mail right now/, (t) => t.notSent],
  [/^You have (\d+) authenticator apps/, (t, count) => t.tooManyApps(count)],
  [/^Backup codes stand in for a second step/, (t) => t.nothingToBackUp],
  [/^This sign-in was not started here/, (t) => t.notStartedHere],
  [/^We couldn't sign you in with (.+) right now/, (t, name) => t.providerFailed(name)],
  [/^You have not signed in with (.+)\. Please/, (t, name) => t.notSignedInWith(name)],
  [/^We couldn't check the code right now/, (t) => t.failed],
  [/^Codes are switched off for this address/, (t) => t.codesLocked],
  [/^You signed in with a code or link/, (t) => t.sameChannel],
  [/(?:security reasons|take over risk|cannot be applied).*\((ERR_CODE_\d+)\)/, (t, code) => t.refused(code)],
];

/** A sentence of the service in the page's language; one we do not know is shown as it is. */
export function inOurWords(text: string, t: Messages): string {
  for (const [pattern, say] of KNOWN) {
    const match = pattern.exec(text);
    if (match !== null) return say(t, match[1] ?? '');
  }
  return text;
}

function spanIn(t: Messages, text: string): string {
  const [, count, unit] = /^(\d+|a) (second|minute|hour)/.exec(text) ?? [];
  if (unit !== 'second' && unit !== 'minute' && unit !== 'hour') return text;
  return t.span(count === 'a' ? 1 : Number(count), unit);
}

/** A while from now, rounded up to what people say. */
export function spanOf(ms: number, t: Messages): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 60) return t.span(seconds, 'second');
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? t.span(minutes, 'minute') : t.span(Math.ceil(minutes / 60), 'hour');
}
