import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { PAGE_STYLE } from './page-style.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Makes any text safe as HTML or XML content and inside a quoted attribute. */
export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? '');

export type Page = {
  readonly title: string;
  /** Ready HTML: whoever makes it has escaped what it was given. */
  readonly body: string;
  readonly script?: string;
  /** Frames pages of this origin, which say themselves what they may run. */
  readonly frames?: boolean;
};

/**
 * Sends a self-contained page that runs its own style and script and nothing else: no other origin, no inline
 * handler, so that a message which escaped escaping would still not run.
 */
export function sendPage(response: ServerResponse, page: Page): void {
  const nonce = randomBytes(16).toString('base64');
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy(nonce, page.frames ?? false),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    vary: 'accept',
  });
  response.end(documentOf(page, nonce));
}

const contentSecurityPolicy = (nonce: string, frames: boolean): string =>
  [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    ...(frames ? ["frame-src 'self'"] : []),
  ].join('; ');

const documentOf = (page: Page, nonce: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(page.title)}</title>
<style nonce="${nonce}">${PAGE_STYLE}</style>
</head>
<body>
${page.body}
${page.script === undefined ? '' : `<script type="module" nonce="${nonce}">${page.script}</script>`}
</body>
</html>
`;
