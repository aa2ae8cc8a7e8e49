import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';

type Cost = { readonly memory: number; readonly passes: number; readonly parallelism: number };

/** What new hashes cost. Memory in KiB. @see OWASP Password Storage Cheat Sheet, Argon2id */
const COST: Cost = { memory: 19_456, passes: 2, parallelism: 1 };
/** What a stored hash may ask of this process; a wrong item must not take its memory. */
const MOST: Cost = { memory: 262_144, passes: 10, parallelism: 4 };
const TAG_BYTES = 32;
const SALT_BYTES = 16;

const MAX_LENGTH = 128;

/**
 * The hash of a password nobody has, at today's cost: compared against where there is no account, so that a known
 * and an unknown address take equally long.
 */
export const DUMMY_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$YCrF8jSIjnQBaZ/eS4z+8Q$3MGf3hNkSec5hk0/hSPjA+aZ96HBx1lgZ50m0dx/OLA';

/**
 * One spelling of what was typed: keyboards disagree on whether é is one code point or two.
 *
 * @see NIST SP 800-63B-4 §3.1.1.2
 */
export function normalisePassword(password: string): string {
  return password.normalize('NFC');
}

/**
 * Whether a new password may be used, after normalising. Every character is allowed and none is demanded.
 *
 * Length counts code points: `minLength` to 128, which is at most 512 bytes of UTF-8. Refuses the 49,233 most common
 * passwords, in any case and with up to three signs around them, and the account's own address or its local part.
 *
 * The first call of a process loads the list (about 80 ms).
 *
 * @returns the sentence to show, or `undefined` for a password that may be used.
 * @see NIST SP 800-63B-4 §3.1.1.2
 */
export async function checkPassword(password: string, minLength: number, email?: string): Promise<string | undefined> {
  const tooLong = `Password's length must be lesser than ${MAX_LENGTH + 1} characters`;
  // NFC makes one code point of at most four units, so a longer text cannot shrink to the limit: a megabyte is not read.
  if (password.length > 4 * MAX_LENGTH) return tooLong;
  const normalised = normalisePassword(password);
  const length = Array.from(normalised).length;
  if (length < minLength) return `Password must contain at least ${minLength} characters`;
  if (length > MAX_LENGTH) return tooLong;
  const isGuessable = isOfAccount(normalised, email) || (await isCommon(normalised));
  return isGuessable ? 'This password is too common. Please choose another one.' : undefined;
}

/** Case and full-width forms do not make a password another one. */
const folded = (text: string) => text.normalize('NFKC').toLowerCase();

function isOfAccount(password: string, email: string | undefined): boolean {
  if (email === undefined) return false;
  const address = folded(email);
  return [address, address.slice(0, address.lastIndexOf('@'))].includes(folded(password));
}

async function isCommon(password: string): Promise<boolean> {
  const common = await commonPasswords();
  const word = folded(password);
  const bare = word.replace(/^[^\p{L}\p{N}]{1,3}|[^\p{L}\p{N}]{1,3}$/gu, '');
  return common.has(word) || common.has(bare);
}

let loading: Promise<ReadonlySet<string>> | undefined;

/** Read when somebody first sets a password, then kept: a sign-in never pays for it. */
function commonPasswords(): Promise<ReadonlySet<string>> {
  loading ??= import('@zxcvbn-ts/language-common').then(({ dictionary }) => new Set(dictionary['passwords-common']));
  return loading;
}

/**
 * Hashes a password for storing, with Argon2id and its own salt.
 *
 * Every byte counts: nothing is cut off, at NUL or elsewhere.
 *
 * @returns a PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, base64 without padding.
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await derive(password, salt, COST, TAG_BYTES);
  const { memory, passes, parallelism } = COST;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

/**
 * Whether a stored hash is of this password, at the cost the hash itself names. Hashes that other systems made are
 * loaded when one is met.
 *
 * @throws Error where the stored text is no hash within bounds: a defect of ours, not a wrong password.
 */
export async function verifyPassword(stored: string, password: string): Promise<boolean> {
  if (isForeign(stored)) return (await import('./foreign-hashes.ts')).verifyForeign(stored, password);
  const { cost, salt, tag } = parseHash(stored);
  return timingSafeEqual(await derive(password, salt, cost, tag.length), tag);
}

/** What bcrypt reads of a password. */
const BCRYPT_BYTES = 72;

/**
 * Whether a hash costs other than new ones do, or is another system's, so that the next sign-in should store it anew.
 *
 * @param password that the hash is of. Of a long one bcrypt has not seen the end, which may be mistyped: it stays.
 * @throws Error where the stored text is no hash within bounds.
 */
export function needsRehash(stored: string, password = ''): boolean {
  if (isForeign(stored)) return !stored.startsWith('$2') || Buffer.byteLength(password) <= BCRYPT_BYTES;
  const { cost, salt, tag } = parseHash(stored);
  const isToday = cost.memory === COST.memory && cost.passes === COST.passes && cost.parallelism === COST.parallelism;
  return !isToday || salt.length !== SALT_BYTES || tag.length !== TAG_BYTES;
}

const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

const PHC = /^\$argon2id\$v=19\$m=(\d{1,6}),t=(\d{1,2}),p=(\d)\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** A hash as this service makes them, whatever it costs within bounds. */
export const isOwnHash = (stored: string): boolean => costOf(stored) !== undefined;

const isForeign = (stored: string): boolean =>
  /^\$(2[aby]|argon2(i|d|id)|scrypt|firebase-scrypt)\$/.test(stored) && !isOwnHash(stored);

function costOf(stored: string): Cost | undefined {
  const [, m, t, p] = PHC.exec(stored) ?? [];
  const cost = { memory: Number(m), passes: Number(t), parallelism: Number(p) };
  return isWithinBounds(cost) ? cost : undefined;
}

/** The message never repeats the stored text. */
function parseHash(stored: string): { readonly cost: Cost; readonly salt: Buffer; readonly tag: Buffer } {
  const cost = costOf(stored);
  const [salt, tag] = stored.split('$').slice(-2);
  if (cost === undefined || salt === undefined || tag === undefined) {
    throw new Error('a stored password hash is of no known kind or not within bounds');
  }
  return { cost, salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') };
}

function isWithinBounds({ memory, passes, parallelism }: Cost): boolean {
  const isEnough = parallelism >= 1 && passes >= 1 && memory >= 8 * parallelism;
  return isEnough && memory <= MOST.memory && passes <= MOST.passes && parallelism <= MOST.parallelism;
}

function derive(password: string, nonce: Buffer, cost: Cost, tagLength: number): Promise<Buffer> {
  const message = Buffer.from(normalisePassword(password), 'utf8');
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message, nonce, tagLength, ...cost }, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
