import { createHash } from 'node:crypto';
import { factorsSetUp, type LoginMethod, type User } from '../account/user.ts';
import type { BackupCodes } from '../backup-codes/backup-codes.ts';
import { lengthPrefixed } from '../keys/secrets.ts';
import { type FactorId, SECOND_FACTORS } from '../mfa/factor.ts';
import type { TotpDevice } from '../totp/device.ts';

/**
 * One thing that a notice tells of, by what makes it that very thing: of the same name enrolled again, or switched again,
 * it is another. 16 characters.
 */
export type Mark = string;

const markOf = (...parts: readonly (string | number)[]): Mark =>
  createHash('sha256')
    .update(lengthPrefixed(parts.map(String)))
    .digest()
    .subarray(0, 12)
    .toString('base64url');

export const MARK_LENGTH = 16;
/** More than that came at once only where two large accounts were linked; the rest is the owner's to unlink. */
export const MAX_MARKS = 20;

export const marks = {
  method: ({ recipeUserId }: Pick<LoginMethod, 'recipeUserId'>): Mark => markOf('method', recipeUserId),
  app: ({ name, createdAt }: Pick<TotpDevice, 'name' | 'createdAt'>): Mark => markOf('app', name, createdAt),
  backupCodes: ({ createdAt }: Pick<BackupCodes, 'createdAt'>): Mark => markOf('backup-codes', createdAt),
  /** @param since epoch milliseconds: when it was put on the user's own list, or taken off. */
  factor: (factor: FactorId, required: boolean, since: number): Mark =>
    markOf(required ? 'required' : 'not-required', factor, since),
} as const;

/** What protected an account before a change: `totp` was set up, `_totp` was on the user's own list. */
export type Protection = readonly string[];

export const ASKED = '_';

export const protectionOf = (user: User): Protection => {
  const counted = (factor: FactorId) => factor !== 'backup-code' && SECOND_FACTORS.some((one) => one === factor);
  return [
    ...factorsSetUp(user).filter(counted),
    ...user.requiredFactors.filter(counted).map((factor) => ASKED + factor),
  ];
};
