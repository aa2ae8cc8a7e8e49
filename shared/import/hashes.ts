import { parseForeign } from '../account/foreign-hashes.ts';
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
  if (!isUsable(stored)) throw new LineFault(`${at}: is a hash of no known kind, or asks for too much work`);
  return stored;
}

const isUsable = (stored: string): boolean => isOwnHash(stored) || parseForeign(stored) !== undefined;

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
  // Some write the padding that PHC strings do without.
  return hash.startsWith('$2') ? hash : hash.replaceAll('=$', '$').replaceAll(/=+(?=\$|$)/g, '');
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
