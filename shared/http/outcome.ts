import type { IssuedTokens } from '../session/issue.ts';
import type { Carrier } from '../session/session.ts';
import { type CarrierConfig, handOut } from './carrier.ts';
import type { Reply, Request } from './endpoint.ts';

/**
 * A domain outcome as the client gets it: HTTP 200 with the FDI's `status`; tokens and waiting times go into headers,
 * never into the body.
 */
export function outcomeReply(
  outcome: { readonly status: string; readonly tokens?: IssuedTokens; readonly retryAfterMs?: number },
  carrier: Carrier,
  request: Request,
  config: CarrierConfig,
): Reply {
  const { tokens, retryAfterMs, ...rest } = outcome;
  // The one status that tells the waiting time in its body too.
  const body = rest.status === 'LIMIT_REACHED_ERROR' ? { ...rest, retryAfterMs } : rest;
  const out = tokens === undefined ? { headers: {}, cookies: [] } : handOut(tokens, carrier, request, config);
  return {
    status: 200,
    body,
    headers: {
      ...out.headers,
      ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
    },
    cookies: out.cookies,
  };
}
