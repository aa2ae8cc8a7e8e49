import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendPage } from './html.ts';
import { inboxPage } from './inbox-page.ts';
import type { Inbox } from './inbox.ts';

const PATH = '/__local/inbox';

/**
 * Answers `GET` and `DELETE /__local/inbox`, and `GET /__local/inbox/{id}/html` with one mail's HTML part.
 *
 * @returns false when the request is for somebody else; nothing was answered then.
 */
export function inboxRoutes(inbox: Inbox): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === PATH) answerInbox(inbox, url, request, response);
    else if (url.pathname.startsWith(`${PATH}/`)) answerHtml(inbox, url, response);
    else return false;
    return true;
  };
}

function answerInbox(inbox: Inbox, url: URL, request: IncomingMessage, response: ServerResponse): void {
  if (request.method === 'DELETE') {
    inbox.clear();
    return sendJson(response, 200, { status: 'OK' });
  }
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return sendJson(response, 405, { message: 'The inbox knows GET and DELETE.' });
  // An address holds no space: where one arrives, it was a plus sign that nobody encoded.
  const to = url.searchParams.get('to')?.replaceAll(' ', '+');
  const messages = inbox.messages(to);
  if (request.headers.accept?.includes('application/json')) return sendJson(response, 200, messages);
  sendPage(response, inboxPage(messages, to));
}

/** Shown on its own, in a sandbox without scripts, forms or an origin: the mail may hold anything. */
function answerHtml(inbox: Inbox, url: URL, response: ServerResponse): void {
  const id = /^\/__local\/inbox\/([\w-]+)\/html$/.exec(url.pathname)?.[1];
  const message = inbox.messages().find((candidate) => candidate.id === id);
  if (message === undefined) return sendJson(response, 404, { message: 'No such message.' });
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  response.end(message.html);
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    vary: 'accept',
  });
  response.end(JSON.stringify(body));
}
