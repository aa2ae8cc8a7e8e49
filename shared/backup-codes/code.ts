import { randomInt, timingSafeEqual } from 'node:crypto';
import type { Secrets } from '../keys/secrets.ts';
import type { BackupCodes } from './backup-codes.ts';

/** Crockford's base 32: no letter that reads as a digit. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 60 bits. */
const LENGTH = 12;
const GROUP = 4;

/** @returns such as `7K3Q-M9XD-2HTB`. */
export function newBackupCode(): string {
  const letters = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]!).join('');
  return letters.replaceAll(new RegExp(`.{${GROUP}}(?=.)`, 'g'), '$&-');
}

/** As people copy it from paper: case, hyphens, blanks, and letters for the digits they look like do not matter. */
const plain = (typed: string): string =>
  typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');

/** What is kept of a code: good for this user alone. */
export const macOf = (secrets: Secrets, userId: string, code: string): string =>
  secrets.mac('backup-code', userId, plain(code)).toString('base64url');

/**
 * Looks at all of them, each in constant time.
 *
 * @returns the MAC under which the code is kept, undefined for a wrong code or codes of another root secret.
 */
export function findCode(
  secrets: Secrets,
  userId: string,
  codes: BackupCodes | undefined,
  typed: string,
): string | undefined {
  const mac = macOf(secrets, userId, typed);
  const [found] = (codes?.macs ?? []).filter((kept) => timingSafeEqual(Buffer.from(kept), Buffer.from(mac)));
  return codes?.kid === secrets.kid ? found : undefined;
}
