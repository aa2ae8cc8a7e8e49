import { BOUNDS, parseForeign } from '../account/foreign-hashes.ts';
import { isOwnHash } from '../account/password.ts';
import { type HashRecord, LineFault } from './record.ts';

/** What Firebase shows beside a project's users. @see Firebase Authentication, password hash parameters */
export interface FirebaseParameters {
  /** Base64, as all of these are. */
  readonly signerKey: string;
  readonly saltSeparator: string;
  readonly rounds: number;
  readonly memoryCost: number;
}

/**
 * A hash in the spelling under which it is stored; see foreign-hashes.ts. Beside those it knows what SuperTokens
 * (`$f_scrypt$`), Werkzeug (`scrypt:N:r:p$salt$hex`) and Java's scrypt library (`$s0$`) write.
 *
 * @throws LineFault for a hash of no known kind, or one that asks for more than its bounds.
 */
export function storedHash(hash: HashRecord, at: string, firebase: FirebaseParameters | undefined): string {
  const stored = typeof hash === 'string' ? spelled(hash, firebase) : fromParts(hash, firebase);
  if (stored === undefined) throw new LineFault(`${at}: Firebase's hashes need the project's hash parameters`);
  if (!isUsable(stored)) throw new LineFault(`${at}: ${whyNot(stored)}`);
  return stored;
}

const isUsable = (stored: string): boolean => isOwnHash(stored) || parseForeign(stored) !== undefined;

/** What of a hash is not taken. A cost is no secret; nothing else of it is told. */
function whyNot(stored: string): string {
  const { bcrypt, argon2, scrypt } = BOUNDS;
  if (/^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/.test(stored)) {
    return `is bcrypt of cost ${Number(stored.slice(4, 6))}, and ${bcrypt.least} to ${bcrypt.most} are taken`;
  }
  if (stored.startsWith('$2')) return 'is no whole bcrypt hash of $2a$, $2b$ or $2y$';
  if (stored.startsWith('$argon2')) {
    const most = `m to ${argon2.memory}, t to ${argon2.passes}, p to ${argon2.parallelism}, m × t to ${argon2.work}`;
    return `is Argon2 of other parts than v=19, ${most}, 8 to 135 bytes of salt and 16 to 128 of hash`;
  }
  if (/^\$(firebase-)?scrypt\$/.test(stored)) {
    return `is scrypt of other parts than N a power of two, N × r × p to ${scrypt}, and 16 to 128 bytes of hash`;
  }
  return 'is a hash of no known kind';
}

function spelled(hash: string, firebase: FirebaseParameters | undefined): string | undefined {
  const superTokens = /^\$f_scrypt\$([^$]+)\$([^$]+)(?:\$m=(\d+)\$r=(\d+)\$s=([^$]+))?$/.exec(hash);
  if (superTokens !== null) {
    const [, tag = '', salt = '', m, r, s] = superTokens;
    const own = { memoryCost: Number(m), rounds: Number(r), saltSeparator: s ?? '' };
    return firebaseHash(tag, salt, firebase && { ...firebase, ...(m === undefined ? {} : own) });
  }
  const werkzeug = /^scrypt:(\d+):(\d+):(\d+)\$([^$]+)\$([0-9a-f]+)$/.exec(hash);
  if (werkzeug !== null) {
    const [, N, r, p, salt = '', tag = ''] = werkzeug;
    return scryptHash(Number(N), Number(r), Number(p), Buffer.from(salt), Buffer.from(tag, 'hex'));
  }
  const java = /^\$s0\$([0-9a-f]{5,8})\$([^$]+)\$([^$]+)$/.exec(hash);
  if (java !== null) {
    const cost = Number.parseInt(java[1]!, 16);
    const [salt, tag] = [bytesOf(java[2]!), bytesOf(java[3]!)];
    return scryptHash(2 ** (cost >>> 16), (cost >>> 8) & 0xff, cost & 0xff, salt, tag);
  }
  return hash.startsWith('$2') ? hash : inOrder(hash.replaceAll(/=+(?=\$|$)/g, ''));
}

/** Some write the padding that PHC strings do without, and some their parameters in another order. */
function inOrder(phc: string): string {
  const [, head, list, rest] = /^(\$(?:argon2(?:id|i|d)\$v=19|scrypt))\$((?:[a-z]+=\d+,?)+)(\$.*)$/s.exec(phc) ?? [];
  if (head === undefined || list === undefined) return phc;
  const pairs = list.split(',');
  const given = new Map(pairs.map((pair) => [pair.split('=')[0], pair] as const));
  const names = head === '$scrypt' ? ['ln', 'r', 'p'] : ['m', 't', 'p'];
  const isSame = pairs.length === names.length && names.every((name) => given.has(name));
  return isSame ? `${head}$${names.map((name) => given.get(name)).join(',')}${rest}` : phc;
}

function fromParts(parts: Exclude<HashRecord, string>, firebase: FirebaseParameters | undefined): string | undefined {
  if (parts.algorithm === 'scrypt') {
    const { N, r, p, salt, hash, saltEncoding, hashEncoding } = parts;
    const saltBytes =
      saltEncoding === 'base64' ? bytesOf(salt) : Buffer.from(salt, saltEncoding === 'hex' ? 'hex' : 'utf8');
    return scryptHash(N, r, p, saltBytes, hashEncoding === 'hex' ? Buffer.from(hash, 'hex') : bytesOf(hash));
  }
  const signerKey = parts.signerKey ?? firebase?.signerKey;
  if (signerKey === undefined) return undefined;
  const { saltSeparator = '', rounds = 8, memoryCost = 14 } = { ...firebase, ...parts };
  return firebaseHash(parts.hash, parts.salt, { signerKey, saltSeparator, rounds, memoryCost });
}

const scryptHash = (N: number, r: number, p: number, salt: Buffer, tag: Buffer, name = 'scrypt'): string =>
  `$${name}$ln=${Math.log2(N)},r=${r},p=${p}$${unpadded(salt)}$${unpadded(tag)}`;

/** The project's key taken off: what is left tells a right password, and nothing about the key. */
function firebaseHash(hash: string, salt: string, project: FirebaseParameters | undefined): string | undefined {
  if (project === undefined) return undefined;
  const [tag, key] = [bytesOf(hash), bytesOf(project.signerKey)];
  if (tag.length !== key.length) return '';
  const salted = Buffer.concat([bytesOf(salt), bytesOf(project.saltSeparator)]);
  const keystream = Buffer.from(tag.map((byte, i) => byte ^ key[i]!));
  return scryptHash(2 ** project.memoryCost, project.rounds, 1, salted, keystream, 'firebase-scrypt');
}

/** Base64 in either alphabet, padded or not. */
const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64');
const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
