import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from '../is-ip.ts';
import type { Config } from '../config.ts';

/** What the distribution adds to each request for the API. The names are also in infra/edge and in the stack. */
export const EDGE_TOKEN_HEADER = 'x-stepgate-edge';
export const EDGE_VIEWER_HEADER = 'x-stepgate-viewer';
export const EDGE_COUNTRY_HEADER = 'x-stepgate-country';

export type EdgeConfig = Partial<Pick<Config, 'EDGE_TOKEN_SHA256' | 'EDGE_ONLY'>>;
type Headers = Readonly<Record<string, string>>;

/** Whom a request comes from, and what is left of its headers once that is known. */
export interface Viewer {
  readonly ip: string;
  /** ISO 3166-1, two capitals; empty where nobody who may say it has said it. */
  readonly country: string;
  /** Our own distribution sent it: it knew the token. */
  readonly isThroughEdge: boolean;
  /** Without the edge's own, which are no endpoint's business; one of them is a secret. */
  readonly headers: Headers;
}

/**
 * The address that limits are counted on: the peer the gateway saw, or, where that is our own distribution, its peer;
 * and the country that the distribution takes that address to be in.
 *
 * The distribution's word counts only beside its token, compared in constant time; a repeated header is joined by a
 * comma and is neither token, address nor country. Nothing else that names one of them is ever read. @see security.md §1.7
 */
export function viewerOf(headers: Headers, sourceIp: string, { EDGE_TOKEN_SHA256: known = [] }: EdgeConfig): Viewer {
  const {
    [EDGE_TOKEN_HEADER]: token,
    [EDGE_VIEWER_HEADER]: viewer = '',
    [EDGE_COUNTRY_HEADER]: country = '',
    ...rest
  } = headers;
  const isThroughEdge = token !== undefined && isOneOf(token, known);
  return {
    ip: isThroughEdge && isIP(viewer) !== 0 ? viewer : sourceIp,
    country: isThroughEdge && /^[A-Z]{2}$/.test(country) ? country : '',
    isThroughEdge,
    headers: rest,
  };
}

/** Every hash is compared, whichever matches. A token has 256 bits, so a fast hash of it tells nobody anything. */
function isOneOf(token: string, hashes: readonly string[]): boolean {
  const given = createHash('sha256').update(token).digest();
  return hashes.map((hash) => timingSafeEqual(given, Buffer.from(hash, 'hex'))).includes(true);
}
