import { randomBytes } from 'node:crypto';
import { DecryptCommand, EncryptCommand, GenerateRandomCommand, KMSClient } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { startAws } from '../../../infra/local/aws.ts';
import { useAws } from '../../support/aws.ts';

const aws = useAws();
const kms = (endpoint?: string) => new KMSClient({ maxAttempts: 1, ...(endpoint === undefined ? {} : { endpoint }) });

const SECRET = randomBytes(64);
const CONTEXT = { use: 'signing', kid: 'k1' };

async function sealed(client = kms()): Promise<Uint8Array> {
  const command = new EncryptCommand({ KeyId: 'alias/local', Plaintext: SECRET, EncryptionContext: CONTEXT });
  return (await client.send(command)).CiphertextBlob ?? new Uint8Array();
}

const opened = (CiphertextBlob: Uint8Array, EncryptionContext: Record<string, string>, client = kms()) =>
  client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));

describe('KMS Encrypt and Decrypt', () => {
  it('gives back what was sealed, whatever the order of the context', async () => {
    const { Plaintext } = await opened(await sealed(), { kid: 'k1', use: 'signing' });
    expect(Buffer.from(Plaintext ?? [])).toEqual(SECRET);
  });

  it('never seals twice to the same bytes, nor shows the secret', async () => {
    const [one, other] = [Buffer.from(await sealed()), Buffer.from(await sealed())];
    expect(one).not.toEqual(other);
    expect(one.includes(SECRET)).toBe(false);
  });

  it.each([[{ use: 'signing', kid: 'k2' }], [{ use: 'signing' }], [{}]])('refuses the context %o', async (context) => {
    await expect(opened(await sealed(), context)).rejects.toMatchObject({
      name: 'InvalidCiphertextException',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('refuses what was tampered with or cut short', async () => {
    const blob = Buffer.from(await sealed());
    const flipped = Buffer.from(blob);
    flipped[40] = (flipped[40] ?? 0) ^ 1;
    for (const wrong of [flipped, blob.subarray(0, -1), blob.subarray(0, 20), Buffer.from('x')])
      await expect(opened(wrong, CONTEXT)).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });

  it('opens after a restart with the same master key, and not with another', async () => {
    const masterKey = randomBytes(32);
    const [first, second, other] = await Promise.all([startAws({ masterKey }), startAws({ masterKey }), startAws()]);
    const blob = await sealed(kms(first.endpoint));
    await expect(opened(blob, CONTEXT, kms(second.endpoint))).resolves.toBeDefined();
    await expect(opened(blob, CONTEXT, kms(other.endpoint))).rejects.toMatchObject({
      name: 'InvalidCiphertextException',
    });
    await Promise.all([first, second, other].map(({ stop }) => stop()));
  });

  it('refuses more than 4096 bytes, as KMS does', async () => {
    const large = new EncryptCommand({ KeyId: 'alias/local', Plaintext: Buffer.alloc(4097) });
    await expect(kms().send(large)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('fails the next request as it is told', async () => {
    aws.failNext('kms', 'KMSInternalException');
    await expect(sealed()).rejects.toMatchObject({ name: 'KMSInternalException', $metadata: { httpStatusCode: 500 } });
    await sealed();
  });

  it('knows no other operation', async () => {
    await expect(kms().send(new GenerateRandomCommand({ NumberOfBytes: 8 }))).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
  });
});
