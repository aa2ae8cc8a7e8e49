import type { CustomFetch } from 'openid-client';
import { jose } from '../keys/lazy-jose.ts';

/**
 * Providers with several names for themselves. The library compares `iss` with one: where the token that came names
 * another that counts, the same answer is judged again under that name, signature, audience and nonce included.
 */

/** Remembers what the token endpoint answered: a code can be redeemed once. */
export function recording(fetchIt: CustomFetch, tokenEndpoint: string) {
  let answer: { readonly text: string; readonly init: ResponseInit } | undefined;
  const record: CustomFetch = async (url, options) => {
    const response = await fetchIt(url, options);
    if (url !== tokenEndpoint) return response;
    const text = await response.text();
    answer = { text, init: { status: response.status, headers: response.headers } };
    return new Response(text, answer.init);
  };
  const replay: CustomFetch = (url, options) =>
    url === tokenEndpoint && answer !== undefined
      ? Promise.resolve(new Response(answer.text, answer.init))
      : fetchIt(url, options);
  return { record, replay, issuer: () => issuerIn(answer?.text) };
}

/** @returns what the token says of its issuer, verified by nobody yet. */
async function issuerIn(
  text: string | undefined,
): Promise<{ readonly iss: string; readonly tid: unknown } | undefined> {
  const { decodeJwt } = await jose();
  try {
    const body: unknown = JSON.parse(text ?? '');
    if (typeof body !== 'object' || body === null || !('id_token' in body)) return undefined;
    const { iss, tid } = decodeJwt(String(body.id_token));
    return iss === undefined ? undefined : { iss, tid };
  } catch {
    return undefined;
  }
}

/** Exactly one of the list, where `{tenantid}` is the token's own directory. */
export const isAcceptedIssuer = (
  { iss, tid }: { readonly iss: string; readonly tid?: unknown },
  accepted: readonly string[],
): boolean =>
  accepted.some((name) =>
    name.includes('{tenantid}')
      ? typeof tid === 'string' && /^[\w-]{1,64}$/.test(tid) && name.replace('{tenantid}', tid) === iss
      : name === iss,
  );
