import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

const LOCAL_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;

/**
 * Whether somebody at this machine speaks to this machine by its own name.
 *
 * The peer alone does not tell: a page of another site can make its name point here (DNS rebinding), and a tunnel
 * forwards strangers. Both carry another name in `Host`.
 */
export function isLocal(request: Pick<IncomingMessage, 'headers' | 'socket'>): boolean {
  return LOOPBACK.test(request.socket.remoteAddress ?? '') && isLocalName(`http://${request.headers.host ?? ''}`);
}

/** Whether a browser would be sending this on behalf of another site, which needs no reply to do harm. */
export function isFromElsewhere(headers: IncomingHttpHeaders): boolean {
  if (headers['sec-fetch-site'] === 'cross-site') return true;
  return headers.origin !== undefined && !isLocalName(headers.origin);
}

const isLocalName = (url: string): boolean => URL.canParse(url) && LOCAL_NAMES.has(new URL(url).hostname);
