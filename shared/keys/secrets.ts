import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

/**
 * Everything that is derived from the root secret: one HKDF subkey per purpose, so that no value of one kind can ever
 * stand for a value of another.
 */
export interface Secrets {
  /** Which root secret this is; stored beside what was made with it. */
  readonly kid: string;
  /** A key component for something a client or identity provider controls: fixed length, no PII, bound to the tenant. */
  index(purpose: string, tenantId: string, value: string): string;
  /** 32 bytes over length-prefixed parts. */
  mac(purpose: Purpose, ...parts: readonly string[]): Buffer;
  /** Encrypts, and binds to `about`: it opens for nothing else. Base64url of nonce, ciphertext and tag. */
  seal(purpose: SealPurpose, plain: Uint8Array, ...about: readonly string[]): string;
  /** @throws when it was changed, sealed for something else, or sealed under another root secret. */
  open(purpose: SealPurpose, sealed: string, ...about: readonly string[]): Buffer;
}

export type Purpose =
  | 'otp'
  | 'otp-link'
  | 'refresh-secret'
  | 'refresh-tag'
  | 'refresh-fingerprint'
  | 'anti-csrf'
  | 'backup-code'
  | 'device-secret'
  | 'device-tag'
  | 'not-me'
  | 'import';
export type SealPurpose = 'totp-seed';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** @param root at least 32 bytes from a CSPRNG. */
export function deriveSecrets(kid: string, root: Uint8Array): Secrets {
  if (root.byteLength < 32) throw new Error('the root secret is shorter than 32 bytes');
  // As key objects: bytes cost a MAC four times as much in Node 24.
  const subkey = (info: string) =>
    createSecretKey(new Uint8Array(hkdfSync('sha256', root, kid, `stepgate/${info}/v1`, 32)));
  const indexKey = subkey('index');
  const keys: Record<Purpose, KeyObject> = {
    otp: subkey('otp'),
    'otp-link': subkey('otp-link'),
    'refresh-secret': subkey('refresh-secret'),
    'refresh-tag': subkey('refresh-tag'),
    'refresh-fingerprint': subkey('refresh-fingerprint'),
    'anti-csrf': subkey('anti-csrf'),
    'device-secret': subkey('device-secret'),
    'device-tag': subkey('device-tag'),
    'backup-code': subkey('backup-code'),
    'not-me': subkey('not-me'),
    import: subkey('import'),
  };
  const sealKeys: Record<SealPurpose, KeyObject> = { 'totp-seed': subkey('totp-seed') };
  return {
    kid,
    index: (purpose, tenantId, value) =>
      createHmac('sha256', indexKey)
        .update(lengthPrefixed([purpose, tenantId, value]))
        .digest('base64url'),
    mac: (purpose, ...parts) => createHmac('sha256', keys[purpose]).update(lengthPrefixed(parts)).digest(),
    seal: (purpose, plain, ...about) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealKeys[purpose], nonce).setAAD(lengthPrefixed(about));
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url');
    },
    open: (purpose, sealed, ...about) => {
      const bytes = Buffer.from(sealed, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', sealKeys[purpose], bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(lengthPrefixed(about))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    },
  };
}

/** Concatenation that cannot be read two ways: each part behind its length in bytes. */
export function lengthPrefixed(parts: readonly string[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part, 'utf8');
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.byteLength);
      return [length, bytes];
    }),
  );
}

export const sha256Hex = (value: string): string => createHash('sha256').update(value).digest('hex');
