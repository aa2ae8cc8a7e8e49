import * as v from 'valibot';
import type { HashInput } from '../record.ts';
import { maybe } from './shape.ts';

const Encoded = v.looseObject({ value: v.string(), encoding: maybe(v.string()) });

/** A hash as Auth0's own import takes it, whichever system made it. */
export const CustomHash = v.looseObject({
  algorithm: v.string(),
  hash: Encoded,
  salt: maybe(Encoded),
  cost: maybe(v.number()),
  blockSize: maybe(v.number()),
  parallelization: maybe(v.number()),
});

type CustomHash = v.InferOutput<typeof CustomHash>;

/** @returns undefined for what cannot be taken, with a note of its algorithm. */
export function customHash(custom: CustomHash, notes: string[]): HashInput | undefined {
  const { algorithm, hash, salt, cost, blockSize = 8, parallelization = 1 } = custom;
  if (algorithm === 'bcrypt' || algorithm === 'argon2') return hash.value;
  if (algorithm === 'scrypt' && hash.value.startsWith('$')) return hash.value;
  const hashEncoding = hash.encoding ?? 'hex';
  if (algorithm === 'scrypt' && salt !== undefined && cost !== undefined && isBinary(hashEncoding)) {
    const saltEncoding = salt.encoding ?? 'utf8';
    return {
      algorithm: 'scrypt',
      N: cost,
      r: blockSize,
      p: parallelization,
      salt: salt.value,
      saltEncoding: isBinary(saltEncoding) ? saltEncoding : 'text',
      hash: hash.value,
      hashEncoding,
    };
  }
  notes.push('custom_password_hash: is of an algorithm that is not taken; its owner sets a password by a reset');
  return undefined;
}

const isBinary = (encoding: string): encoding is 'hex' | 'base64' => encoding === 'hex' || encoding === 'base64';
