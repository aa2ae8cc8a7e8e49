/** What the pages are sent with, for the local run and the CDN alike. */

/** Nothing inline, nothing from elsewhere but a tenant's logo, no frame around it. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' https: data:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');

/** On every file of the pages. `Strict-Transport-Security` is the CDN's: on localhost it would lock other projects out. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
};

export const STRICT_TRANSPORT_SECURITY = 'max-age=63072000; includeSubDomains';

/** Names under `assets/` carry a hash of their content. */
export const ASSET_CACHE = 'public, max-age=31536000, immutable';
export const PAGE_CACHE = 'no-cache';

export const cacheControlFor = (path: string): string => (path.startsWith('/assets/') ? ASSET_CACHE : PAGE_CACHE);

/** The paths a person can open; each is answered with `index.html`, and what it shows is decided in the browser. */
export const PAGE_PATHS = [
  '/',
  '/sign-up',
  '/passwordless',
  '/verify',
  '/callback/*',
  '/reset-password',
  '/verify-email',
  '/code',
  '/app-code',
  '/backup-code',
  '/factors',
  '/enrol',
  '/app',
  '/backup-codes',
  '/password',
  '/contact',
  '/revert',
  '/not-me',
  '/settings',
  '/denied',
] as const;

export type PagePath = (typeof PAGE_PATHS)[number];

/** Where providers send people back to; the name is the provider's. */
const CALLBACK = /^\/callback\/[a-z][a-z0-9-]{0,31}$/;

/** The page at a path; undefined where there is none. */
export const pageAt = (path: string): PagePath | undefined =>
  CALLBACK.test(path) ? '/callback/*' : PAGE_PATHS.find((page) => page === path && page !== '/callback/*');

/** Path prefixes that belong to the service, whatever a browser accepts. */
export const SERVICE_PREFIXES = ['/auth', '/admin', '/me', '/.well-known', '/example', '/__local'] as const;

export const isServicePath = (path: string): boolean =>
  SERVICE_PREFIXES.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
