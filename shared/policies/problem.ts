import { FACTORS, type FactorId, isKnownFactor } from '../mfa/factor.ts';
import { VERIFY } from './entering.ts';
import type { Obstacle, Step } from './next-step.ts';
import type { Stuck } from './way-in.ts';

const NAMES: Readonly<Record<string, string>> = {
  'otp-email': 'a code by e-mail',
  'otp-phone': 'a code by text message',
  totp: 'an authenticator app',
  [VERIFY]: 'the link to its e-mail address',
  'backup-code': 'a backup code',
};

const named = (factor: FactorId): string => NAMES[factor] ?? factor;

const isPhone = (factor: FactorId): boolean => isKnownFactor(factor) && FACTORS[factor].channel === 'phone';

const REASONS: Readonly<Record<Obstacle, (factor: FactorId) => string>> = {
  'not-offered': () => 'this tenant does not offer it',
  'same-channel': (factor) =>
    `the sign-in began with the same ${isPhone(factor) ? 'phone' : 'mailbox'}, which proves nothing new`,
  'none-left': () => 'none is left',
  'needs-proof': () => 'it is not set up, and may not be before another factor is shown',
  'no-contact': (factor) =>
    `the account has no ${isPhone(factor) ? 'phone number' : 'e-mail address'}, and none may be added before another factor is shown`,
  unreachable: (factor) =>
    `no ${isPhone(factor) ? 'text message' : 'mail'} is sent to the address that the account has`,
  taken: () => 'an address of the account belongs to another account as well',
  kept: () =>
    'an address of the account is kept for somebody who has changed to another one, for 72 hours after that change',
  'switched-off': () => 'codes are switched off for it after too many wrong ones in a row',
  unverified: (factor) =>
    `${isPhone(factor) ? 'no number' : 'no address'} may be added while its e-mail is not verified`,
  'no-new-address': () => 'no number may be added: this tenant sends no text messages',
};

/** Why somebody is locked out, in one sentence. */
export const lockedOutBecause = (stuck: readonly Stuck[]): string =>
  `is locked out: ${stuck.map(({ factor, obstacle }) => `needs ${named(factor)}, but ${REASONS[obstacle](factor)}`).join('; or ')}`;

export const CANNOT_BEGIN = 'is locked out: has no login method that this tenant begins a sign-in with';

/** A password that is not there is set by whoever reads the mailbox; it is no second factor. */
export const mustReset = (lockedOut: boolean): string =>
  lockedOut ? 'has no password that it could begin with before it sets a new one' : 'must set a new password first';

export const mustProve = 'must follow the link to its e-mail address, which nobody has proven yet, to get in';

/** What somebody has to set up first. */
export const mustSetUp = (steps: readonly Step[]): string =>
  `must set up ${steps.flatMap(({ factor, setsUp }) => (setsUp ? [named(factor)] : [])).join(' and ')} to get in`;
