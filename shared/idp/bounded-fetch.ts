import { isIP } from '../is-ip.ts';
import type { CustomFetch } from 'openid-client';

/** A provider's whole answer fits in this; a discovery document is a few kilobytes. */
const MAX_BYTES = 512_000;

/** A call we do not make, or an answer we do not read. The message is for the log and names no more than a host. */
export class RefusedCall extends Error {
  override readonly name = 'RefusedCall';
}

/**
 * `fetch` for addresses that a document of somebody else's names: https to a host that the tenant's configuration knows,
 * never to a bare address, never on to where a redirect leads, within the one deadline of the whole exchange.
 *
 * @param reach.loopback the service itself runs on this machine: providers may, too, without https.
 */
export function boundedFetch(reach: {
  readonly hosts: readonly string[];
  readonly loopback: boolean;
  readonly deadline: AbortSignal;
}): CustomFetch {
  return async (address, options) => {
    const url = new URL(address);
    if (!reach.hosts.includes(url.host)) throw new RefusedCall(`host not allowed: ${url.host}`);
    const isHere = reach.loopback && isLoopback(url.hostname);
    if (!isHere && (url.protocol !== 'https:' || isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0)) {
      throw new RefusedCall(`not https, or no host name: ${url.host}`);
    }
    const init: RequestInit = {
      method: options.method,
      headers: options.headers,
      redirect: 'manual',
      signal: reach.deadline,
      ...(options.body === undefined || options.body === null ? {} : { body: bodyOf(options.body) }),
    };
    const response = await fetch(url, init);
    const body = await readAll(response);
    return new Response(body.byteLength === 0 ? null : body, { status: response.status, headers: response.headers });
  };
}

export const isLoopback = (hostname: string): boolean => /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);

/** Token requests are forms. */
function bodyOf(body: unknown): string | URLSearchParams {
  if (typeof body === 'string' || body instanceof URLSearchParams) return body;
  throw new RefusedCall('a request with a body that is no form');
}

async function readAll(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new RefusedCall('answer too large');
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
