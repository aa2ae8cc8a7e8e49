import { jose } from '../keys/lazy-jose.ts';

/** Apple takes a signed statement for a client secret. Made for one call, good for five minutes. */
export async function appleSecret(of: {
  readonly privateKey: string;
  readonly teamId: string;
  readonly keyId: string;
  readonly clientId: string;
  readonly nowSeconds: number;
}): Promise<string> {
  const { importPKCS8, SignJWT } = await jose();
  const key = await importPKCS8(of.privateKey, 'ES256');
  return new SignJWT({})
    .setProtectedHeader({ alg: 'ES256', kid: of.keyId })
    .setIssuer(of.teamId)
    .setSubject(of.clientId)
    .setAudience('https://appleid.apple.com')
    .setIssuedAt(of.nowSeconds)
    .setExpirationTime(of.nowSeconds + 300)
    .sign(key);
}
