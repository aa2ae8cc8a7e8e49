import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { cacheControlFor, isServicePath, pageAt, SECURITY_HEADERS } from '../pages/headers.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

type AnswerPage = (request: IncomingMessage, response: ServerResponse, path: string) => boolean;

/**
 * Serves the hosted pages as the CDN does; `false` leaves the request to the service.
 *
 * Only names found in the directory at start are served, so no path can lead out of it.
 */
export function pagesListener(directory: string): AnswerPage {
  const index = readFileSync(join(directory, 'index.html'));
  const assets = new Map(
    readdirSync(join(directory, 'assets')).map((name) => [
      `/assets/${name}`,
      readFileSync(join(directory, 'assets', name)),
    ]),
  );
  return (request, response, path) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const asset = assets.get(path);
    const isPage = pageAt(path) !== undefined;
    const isDocument = isPage || (wantsHtml(request) && !isServicePath(path));
    if (asset === undefined && !isDocument) return false;
    const type = asset === undefined ? 'text/html; charset=utf-8' : (TYPES[extname(path)] ?? 'text/plain');
    const status = asset !== undefined || isPage ? 200 : 404;
    response.writeHead(status, { ...SECURITY_HEADERS, 'content-type': type, 'cache-control': cacheControlFor(path) });
    response.end(request.method === 'HEAD' ? undefined : (asset ?? index));
    return true;
  };
}

const wantsHtml = ({ headers }: IncomingMessage): boolean => (headers.accept ?? '').includes('text/html');
