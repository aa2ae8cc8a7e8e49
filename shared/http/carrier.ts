import type { Config } from '../config.ts';
import type { Client, IssuedTokens } from '../session/issue.ts';
import type { Carrier } from '../session/session.ts';
import type { Reply, Request } from './endpoint.ts';

/** How tokens travel: cookies or headers, as the FDI names them. @see wire.md §2.1, §2.2 */

const ACCESS = 'sAccessToken';
const REFRESH = 'sRefreshToken';
const REFRESH_PATH = '/auth/session/refresh';
const YEAR_MS = 365 * 86_400_000;

export type CarrierConfig = Pick<Config, 'PUBLIC_URL' | 'COOKIE_DOMAIN'>;
/** What a reply needs to say about tokens: complete `Set-Cookie` values and headers. */
export type Tokens = Required<Pick<Reply, 'headers' | 'cookies'>>;

/** A new session travels as `st-auth-mode` asks; without it, by header. */
export const newCarrier = (request: Request): Carrier =>
  request.headers['st-auth-mode'] === 'cookie' ? 'cookie' : 'header';

export const bearerOf = (request: Pick<Request, 'headers'>): string | undefined =>
  /^Bearer ([^\s,]+)$/i.exec(request.headers['authorization'] ?? '')?.[1];

/** Every value a cookie name came with: a sibling domain may have set a second one. A cookie without a name is none. */
export const cookieValues = (request: Pick<Request, 'cookies'>, name: string): readonly string[] =>
  request.cookies.flatMap((pair) => {
    const at = pair.indexOf('=');
    return at > 0 && pair.slice(0, at).trim() === name ? [decode(pair.slice(at + 1).trim())] : [];
  });

export const accessCookies = (request: Pick<Request, 'cookies'>): readonly string[] => cookieValues(request, ACCESS);
export const refreshCookies = (request: Request): readonly string[] => cookieValues(request, REFRESH);

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

export const clientOf = (request: Request, carrier: Carrier): Client => ({
  ip: request.ip,
  userAgent: request.headers['user-agent'] ?? '',
  country: '',
  authMode: carrier,
});

const EXPOSED = 'front-token, anti-csrf, st-access-token, st-refresh-token';

/** Hands tokens to the client in one carrier. In the other, an older session of the same client is cleared. */
export function handOut(tokens: IssuedTokens, carrier: Carrier, request: Request, config: CarrierConfig): Tokens {
  const common = {
    'front-token': tokens.frontToken,
    'access-control-expose-headers': EXPOSED,
    ...(tokens.antiCsrf === undefined || tokens.refresh === undefined ? {} : { 'anti-csrf': tokens.antiCsrf }),
  };
  if (carrier === 'cookie') {
    return {
      headers: bearerOf(request) === undefined ? common : { ...common, ...EMPTY_HEADERS },
      cookies: [
        cookie(ACCESS, tokens.accessToken, '/', tokens.issuedAt + YEAR_MS, config),
        ...(tokens.refresh === undefined
          ? []
          : [cookie(REFRESH, tokens.refresh.token, REFRESH_PATH, tokens.refresh.expiresAt, config)]),
      ],
    };
  }
  return {
    headers: {
      ...common,
      'st-access-token': tokens.accessToken,
      ...(tokens.refresh === undefined ? {} : { 'st-refresh-token': tokens.refresh.token }),
    },
    cookies: accessCookies(request).length > 0 || refreshCookies(request).length > 0 ? clearedCookies(config) : [],
  };
}

/** Forgets the session in the carrier a request used, or in both. */
export function takeBack(carrier: Carrier | 'both', config: CarrierConfig): Tokens {
  return {
    headers: {
      'front-token': 'remove',
      'access-control-expose-headers': EXPOSED,
      ...(carrier === 'cookie' ? {} : EMPTY_HEADERS),
    },
    cookies: carrier === 'header' ? [] : clearedCookies(config),
  };
}

const EMPTY_HEADERS = { 'st-access-token': '', 'st-refresh-token': '' } as const;

const clearedCookies = (config: CarrierConfig): readonly string[] => [
  cookie(ACCESS, '', '/', 0, config),
  cookie(REFRESH, '', REFRESH_PATH, 0, config),
];

function cookie(name: string, value: string, path: string, expiresAt: number, config: CarrierConfig): string {
  return [
    `${name}=${encodeURIComponent(value)}`,
    `Path=${path}`,
    ...(config.COOKIE_DOMAIN === undefined ? [] : [`Domain=${config.COOKIE_DOMAIN}`]),
    `Expires=${new Date(expiresAt).toUTCString()}`,
    'HttpOnly',
    ...(config.PUBLIC_URL.startsWith('https:') ? ['Secure'] : []),
    'SameSite=Lax',
  ].join('; ');
}
