import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { isAwsError, statusOf, type AwsError, type Reply } from './reply.ts';

/** Header of every KMS request; the rest of it is the operation. */
export const KMS_TARGET = 'TrentService.';
const LONGEST_PLAINTEXT = 4096;
const IV_BYTES = 12;
const TAG_BYTES = 16;

const Context = v.optional(v.record(v.string(), v.string()), {});
const Blob = v.pipe(v.string(), v.minLength(1), v.base64());
const Encrypt = v.object({ KeyId: v.pipe(v.string(), v.minLength(1)), Plaintext: Blob, EncryptionContext: Context });
const DescribeKey = v.object({ KeyId: v.pipe(v.string(), v.minLength(1)) });
const Decrypt = v.object({ KeyId: v.optional(v.string()), CiphertextBlob: Blob, EncryptionContext: Context });

/**
 * Answers KMS `Encrypt`, `Decrypt` and `DescribeKey` with one master key (32 bytes) behind every key id.
 *
 * A ciphertext opens only with the encryption context it was made with (as additional authenticated data of
 * AES-256-GCM), whatever the order of its entries.
 */
export function kmsReply(operation: string, body: string, masterKey: Buffer, keyState = 'Enabled'): Reply {
  const result =
    operation === 'DescribeKey' ? describe(parse(DescribeKey, body), keyState) : answer(operation, body, masterKey);
  if (isAwsError(result)) return kmsError(result);
  return { status: 200, headers: KMS_HEADERS, body: JSON.stringify(result) };
}

const KMS_HEADERS = { 'content-type': 'application/x-amz-json-1.1' };

export function kmsError({ name, message }: AwsError): Reply {
  return { status: statusOf(name), headers: KMS_HEADERS, body: JSON.stringify({ __type: name, message }) };
}

function answer(operation: string, body: string, masterKey: Buffer): object | AwsError {
  if (operation === 'Encrypt') return encrypt(parse(Encrypt, body), masterKey);
  if (operation === 'Decrypt') return decrypt(parse(Decrypt, body), masterKey);
  return { name: 'UnknownOperationException', message: 'The local KMS knows Encrypt, Decrypt and DescribeKey.' };
}

const describe = (input: v.InferOutput<typeof DescribeKey> | undefined, state: string): object =>
  input === undefined
    ? INVALID
    : { KeyMetadata: { KeyId: input.KeyId, Arn: arnOf(input.KeyId), KeyState: state, Enabled: state === 'Enabled' } };

const INVALID = { name: 'ValidationException', message: 'The request is not valid.' };

function parse<T extends v.GenericSchema>(schema: T, body: string): v.InferOutput<T> | undefined {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), body);
  return result.success ? result.output : undefined;
}

function encrypt(input: v.InferOutput<typeof Encrypt> | undefined, masterKey: Buffer): object {
  if (input === undefined) return INVALID;
  const plaintext = Buffer.from(input.Plaintext, 'base64');
  if (plaintext.length > LONGEST_PLAINTEXT) return INVALID;
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', masterKey, iv).setAAD(aadOf(input.EncryptionContext));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const blob = Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
  return { CiphertextBlob: blob, KeyId: arnOf(input.KeyId), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
}

function decrypt(input: v.InferOutput<typeof Decrypt> | undefined, masterKey: Buffer): object {
  if (input === undefined) return INVALID;
  const plaintext = open(Buffer.from(input.CiphertextBlob, 'base64'), input.EncryptionContext, masterKey);
  if (plaintext === undefined) return { name: 'InvalidCiphertextException', message: '' };
  return {
    Plaintext: plaintext.toString('base64'),
    KeyId: arnOf(input.KeyId ?? 'local'),
    EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
  };
}

/** @returns undefined when the ciphertext was tampered with, or belongs to another context or key. */
function open(blob: Buffer, context: Readonly<Record<string, string>>, masterKey: Buffer): Buffer | undefined {
  const iv = blob.subarray(0, IV_BYTES);
  const tag = blob.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
  if (tag.length < TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', masterKey, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(aadOf(context)).setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(blob.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}

function aadOf(context: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(context).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(JSON.stringify(entries));
}

const arnOf = (keyId: string): string =>
  keyId.startsWith('arn:')
    ? keyId
    : `arn:aws:kms:local:000000000000:${keyId.startsWith('alias/') ? keyId : `key/${keyId}`}`;
