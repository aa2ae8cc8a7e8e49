import type { RequestListener, ServerResponse } from 'node:http';
import { isFromElsewhere, isLocal } from './gate.ts';
import { sendPage } from './html.ts';
import { inboxRoutes, sendJson } from './inbox-routes.ts';
import type { Inbox } from './inbox.ts';
import { landingPage, type LandingInfo } from './landing-page.ts';
import { pagesListener } from './pages.ts';

/** Where this run's AWS is, and how the service is set, for another process of this machine. */
export type Whereabouts = {
  readonly dynamodb: string;
  /** SES, SNS, KMS and Lambda. */
  readonly aws: string;
  readonly region: string;
  /** As environment variables. */
  readonly settings: Readonly<Record<string, string>>;
};

export type Front = {
  readonly inbox: Inbox;
  readonly landing: LandingInfo;
  /** What `stepgate --local` asks for. */
  readonly whereabouts: Whereabouts;
  /** Where the built pages lie, absolute. */
  readonly pages: string;
  /** Every endpoint, admin included. */
  readonly whole: RequestListener;
  /** The endpoints that anybody may call. */
  readonly open: RequestListener;
};

/**
 * Sends each request where it belongs: the local run's own pages, or the service.
 *
 * The inbox holds other people's codes and admin has no authentication here, so both are for this machine alone. Who
 * is not let in is served by a listener that does not know the admin endpoints, whatever the path may look like.
 */
export function frontListener(front: Front): RequestListener {
  const answerInbox = inboxRoutes(front.inbox);
  const answerPage = pagesListener(front.pages);
  return (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (path === '/__local/' && request.method === 'GET') return sendPage(response, landingPage(front.landing));
    if (answerPage(request, response, path)) return;
    if (path.startsWith('/__local/')) {
      if (!isLocal(request)) return refuse(response);
      if (answerInbox(request, response)) return;
      if (path === '/__local/aws' && request.method === 'GET') return sendJson(response, 200, front.whereabouts);
    }
    const isTrusted = isLocal(request) && !isFromElsewhere(request.headers);
    if (isTrusted) return front.whole(request, response);
    return isAdmin(path) ? refuse(response) : front.open(request, response);
  };
}

const isAdmin = (path: string): boolean => path === '/admin' || path.startsWith('/admin/');

function refuse(response: ServerResponse): void {
  sendJson(response, 403, { message: 'In the local run this is for this machine alone: use http://localhost.' });
}

/** Takes requests before the service is ready and answers them once it is. */
export function waitingListener(ready: Promise<RequestListener>): RequestListener {
  return (request, response) => {
    ready.then(
      (listener) => {
        listener(request, response);
        return undefined;
      },
      () => response.destroy(),
    );
  };
}
