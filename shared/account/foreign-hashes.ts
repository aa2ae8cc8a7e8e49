import { argon2, createCipheriv, scrypt, timingSafeEqual } from 'node:crypto';

/**
 * Password hashes that other systems made, as they are stored until their owner signs in.
 *
 * | stored as                                        | of                                              |
 * | ------------------------------------------------ | ----------------------------------------------- |
 * | `$2b$10$…` (also `$2a$`, `$2y$`)                 | bcrypt                                          |
 * | `$argon2id$v=19$m=…,t=…,p=…$salt$hash` (`i`, `d`) | Argon2 with parameters that are not ours        |
 * | `$scrypt$ln=14,r=8,p=1$salt$hash`                | scrypt                                          |
 * | `$firebase-scrypt$ln=14,r=8,p=1$salt$keystream`  | Firebase, without the project's key             |
 *
 * Firebase encrypts its project's key with what scrypt derives and keeps the ciphertext. Taking the key off again leaves
 * the keystream, which tells a right password just as well: so the key itself is stored nowhere.
 *
 * Bounds are of work and memory, so that a wrong item cannot take the process.
 */
export type Foreign =
  | { readonly kind: 'bcrypt'; readonly text: string }
  | {
      readonly kind: 'argon2';
      readonly algorithm: 'argon2i' | 'argon2d' | 'argon2id';
      readonly memory: number;
      readonly passes: number;
      readonly parallelism: number;
      readonly salt: Buffer;
      readonly tag: Buffer;
    }
  | ({ readonly kind: 'scrypt' | 'firebase' } & Scrypt);

interface Scrypt {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

/** 2^14 rounds of bcrypt are about a second and a half of one processor. */
const BCRYPT_COST = { least: 4, most: 14 };
/** Memory in KiB. */
const ARGON2_MOST = { memory: 262_144, passes: 10, parallelism: 16, work: 1_048_576 };
/** N × r × p blocks of 128 bytes: 256 MiB where p is 1, and as much work. */
const SCRYPT_MOST = 2 ** 21;
const SCRYPT_MEMORY = 320 * 1024 * 1024;
/** What is taken, to be told where something is not. */
export const BOUNDS = { bcrypt: BCRYPT_COST, argon2: ARGON2_MOST, scrypt: SCRYPT_MOST } as const;
const TAG_BYTES = { least: 16, most: 128 };

const B64 = '([A-Za-z0-9+/]{2,180})';
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const ARGON2 = new RegExp(
  String.raw`^\$(argon2(?:id|i|d))\$v=19\$m=(\d{1,6}),t=(\d{1,2}),p=(\d{1,2})\$${B64}\$${B64}$`,
);
const SCRYPT = new RegExp(
  String.raw`^\$(scrypt|firebase-scrypt)\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$${B64}\$${B64}$`,
);

/** @returns undefined for what is none of these, or asks for more than the bounds. */
export function parseForeign(stored: string): Foreign | undefined {
  return bcryptOf(stored) ?? argon2Of(stored) ?? scryptOf(stored);
}

function bcryptOf(text: string): Foreign | undefined {
  const cost = Number(BCRYPT.exec(text)?.[1]);
  return cost >= BCRYPT_COST.least && cost <= BCRYPT_COST.most ? { kind: 'bcrypt', text } : undefined;
}

function argon2Of(text: string): Foreign | undefined {
  const [, name, m, t, p, salt = '', tag = ''] = ARGON2.exec(text) ?? [];
  const algorithm = (['argon2i', 'argon2d', 'argon2id'] as const).find((known) => known === name);
  if (algorithm === undefined) return undefined;
  const [memory, passes, parallelism] = [Number(m), Number(t), Number(p)];
  const parsed = { memory, passes, parallelism, salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') };
  const isEnough = parallelism >= 1 && passes >= 1 && memory >= 8 * parallelism && parsed.salt.length >= 8;
  const isBounded =
    memory <= ARGON2_MOST.memory &&
    passes <= ARGON2_MOST.passes &&
    parallelism <= ARGON2_MOST.parallelism &&
    memory * passes <= ARGON2_MOST.work;
  return isEnough && isBounded && isTag(parsed.tag) ? { kind: 'argon2', algorithm, ...parsed } : undefined;
}

function scryptOf(text: string): Foreign | undefined {
  const [, name, ln, r, p, salt = '', tag = ''] = SCRYPT.exec(text) ?? [];
  if (name === undefined) return undefined;
  const cost = { logN: Number(ln), r: Number(r), p: Number(p) };
  const parsed = { ...cost, salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') };
  const isEnough = cost.logN >= 1 && cost.r >= 1 && cost.p >= 1;
  const isBounded = 2 ** cost.logN * cost.r * cost.p <= SCRYPT_MOST;
  if (!isEnough || !isBounded || !isTag(parsed.tag)) return undefined;
  return { kind: name === 'scrypt' ? 'scrypt' : 'firebase', ...parsed };
}

const isTag = ({ length }: Buffer): boolean => length >= TAG_BYTES.least && length <= TAG_BYTES.most;

/**
 * Whether a hash of another system is of this password: as it was typed or, where that is another text, in NFC. Compared
 * in constant time, at the cost that the hash itself names.
 *
 * bcrypt reads no more than 72 bytes; so did the system that made the hash.
 *
 * @throws Error where the stored text is no hash within bounds.
 */
export async function verifyForeign(stored: string, password: string): Promise<boolean> {
  const foreign = parseForeign(stored);
  if (foreign === undefined) throw new Error('a stored password hash is of no known kind or not within bounds');
  for (const spelling of new Set([password, password.normalize('NFC')])) {
    if (await matches(foreign, Buffer.from(spelling, 'utf8'))) return true;
  }
  return false;
}

async function matches(foreign: Foreign, password: Buffer): Promise<boolean> {
  switch (foreign.kind) {
    case 'bcrypt':
      return matchesBcrypt(foreign.text, password.toString('utf8'));
    case 'argon2': {
      const { algorithm, memory, passes, parallelism, salt: nonce, tag } = foreign;
      const cost = { memory, passes, parallelism, nonce, tagLength: tag.length };
      return timingSafeEqual(await deriveArgon2(algorithm, { message: password, ...cost }), tag);
    }
    case 'scrypt':
      return timingSafeEqual(await deriveScrypt(password, foreign, foreign.tag.length), foreign.tag);
    case 'firebase':
      return timingSafeEqual(keystream(await deriveScrypt(password, foreign, 32), foreign.tag.length), foreign.tag);
  }
}

async function matchesBcrypt(stored: string, password: string): Promise<boolean> {
  const { hash } = await import('bcryptjs');
  // Version, cost and 22 characters of salt stand in front; not every system spells the salt's last character alike.
  const [own, theirs] = [await hash(password, stored.slice(0, 29)), stored].map((text) => Buffer.from(text.slice(29)));
  return timingSafeEqual(own!, theirs!);
}

type Argon2Parameters = Parameters<typeof argon2>[1];

const deriveArgon2 = (algorithm: 'argon2i' | 'argon2d' | 'argon2id', parameters: Argon2Parameters): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    argon2(algorithm, parameters, (error, key) => (error ? reject(error) : resolve(key)));
  });

const deriveScrypt = (password: Buffer, { logN, r, p, salt }: Scrypt, length: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password, salt, length, { N: 2 ** logN, r, p, maxmem: SCRYPT_MEMORY }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });

/** What Firebase adds to its project's key: AES-256 in counter mode from zero on. */
const keystream = (key: Buffer, length: number): Buffer =>
  createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
