import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Envelope } from '../dynamo/keyring.ts';

/**
 * Seals with the one KMS key. The encryption context names the app and the use, so that what was sealed for one use
 * does not open for another; the functions' rights are bound to the same context.
 */
export function kmsEnvelope(keyId: string): Envelope {
  const kms = new KMSClient({
    maxAttempts: 2,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 1_000,
      requestTimeout: 3_000,
      throwOnRequestTimeout: true,
    }),
  });
  const contextOf = (use: string) => ({ app: 'stepgate', use });
  const bytes = (value: Uint8Array | undefined): Uint8Array => {
    if (value === undefined) throw new Error('KMS answered without a result');
    return value;
  };
  return {
    seal: async (plain, use) => {
      const sealed = await kms.send(
        new EncryptCommand({ KeyId: keyId, Plaintext: plain, EncryptionContext: contextOf(use) }),
      );
      return bytes(sealed.CiphertextBlob);
    },
    open: async (sealed, use) => {
      const opened = await kms.send(
        new DecryptCommand({ KeyId: keyId, CiphertextBlob: sealed, EncryptionContext: contextOf(use) }),
      );
      return bytes(opened.Plaintext);
    },
  };
}
