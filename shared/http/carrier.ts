import type { Config } from '../config.ts';
import type { Client } from '../session/client.ts';
import type { IssuedTokens } from '../session/issue.ts';
import type { Carrier } from '../session/session.ts';
import type { Reply, Request } from './endpoint.ts';

/** How tokens travel: cookies or headers, as the FDI names them. @see wire.md §2.1, §2.2 */

const PLAIN = { access: 'sAccessToken', refresh: 'sRefreshToken' } as const;
/** A browser takes these from nobody but this very host over https: no sibling domain can plant them. */
const HARDENED = { access: '__Host-sAccessToken', refresh: '__Secure-sRefreshToken' } as const;
const REFRESH_PATH = '/auth/session/refresh';
/** What a browser is recognised by at its next sign-in. Only this API's own paths see it. */
const DEVICE = { plain: 'sDevice', hardened: '__Secure-sDevice', header: 'st-device', path: '/auth' } as const;
const YEAR_MS = 365 * 86_400_000;

export type CarrierConfig = Pick<
  Config,
  'PUBLIC_URL' | 'COOKIE_DOMAIN' | 'COOKIE_SAME_SITE' | 'COOKIE_PROFILE' | 'OLDER_COOKIE_DOMAIN'
>;
/** What an endpoint asks of its surroundings that hands tokens out or takes them back. */
export type CarrierDeps = { readonly config: CarrierConfig };
type NamesConfig = Pick<Config, 'COOKIE_PROFILE'>;
const namesOf = ({ COOKIE_PROFILE }: NamesConfig) => (COOKIE_PROFILE === 'hardened' ? HARDENED : PLAIN);
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

export const accessCookies = (request: Pick<Request, 'cookies'>, config: NamesConfig): readonly string[] =>
  cookieValues(request, namesOf(config).access);
export const refreshCookies = (request: Request, config: NamesConfig): readonly string[] =>
  cookieValues(request, namesOf(config).refresh);

/** In either profile: what is left of the other one is not read, and still no reason to trust a request. */
export const hasSessionCookie = (request: Request): boolean =>
  [...Object.values(PLAIN), ...Object.values(HARDENED)].some((name) => cookieValues(request, name).length > 0);
const hasPlainCookie = (request: Request): boolean =>
  Object.values(PLAIN).some((name) => cookieValues(request, name).length > 0);

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
  country: request.country,
  authMode: carrier,
  devices: devicesOf(request, carrier),
  acceptLanguage: request.headers['accept-language'],
});

/** In either profile: a value says by itself whom it was issued to. A few at most: anybody may send any number. */
function devicesOf(request: Request, carrier: Carrier): readonly string[] {
  const header = request.headers[DEVICE.header];
  if (carrier === 'header') return header === undefined ? [] : [header];
  return [DEVICE.hardened, DEVICE.plain].flatMap((name) => cookieValues(request, name)).slice(0, 4);
}

const EXPOSED = 'front-token, anti-csrf, st-access-token, st-refresh-token';

/** Hands tokens to the client in one carrier. In the other, an older session of the same client is cleared. */
export function handOut(tokens: IssuedTokens, carrier: Carrier, request: Request, config: CarrierConfig): Tokens {
  const common = {
    'front-token': tokens.frontToken,
    'access-control-expose-headers': EXPOSED,
    ...(tokens.antiCsrf === undefined || tokens.refresh === undefined ? {} : { 'anti-csrf': tokens.antiCsrf }),
  };
  const names = namesOf(config);
  const device = tokens.device;
  if (carrier === 'cookie') {
    return {
      headers: bearerOf(request) === undefined ? common : { ...common, ...EMPTY_HEADERS },
      cookies: [
        cookie(names.access, tokens.accessToken, tokens.issuedAt + YEAR_MS, config),
        ...(tokens.refresh === undefined
          ? []
          : [cookie(names.refresh, tokens.refresh.token, tokens.refresh.expiresAt, config)]),
        ...(names === HARDENED && hasPlainCookie(request) ? plainCleared(config) : []),
        ...(device === undefined ? [] : [deviceCookie(device.token, device.expiresAt, config)]),
      ],
    };
  }
  return {
    headers: {
      ...common,
      'st-access-token': tokens.accessToken,
      ...(tokens.refresh === undefined ? {} : { 'st-refresh-token': tokens.refresh.token }),
      ...(device === undefined ? {} : deviceHeader(device.token)),
    },
    cookies: hasSessionCookie(request) ? clearedCookies(config) : [],
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

const deviceHeader = (value: string) => ({
  [DEVICE.header]: value,
  'access-control-expose-headers': `${EXPOSED}, ${DEVICE.header}`,
});

/** Has the client forget what it is recognised by. */
export const takeDevice = (carrier: Carrier, config: CarrierConfig): Tokens =>
  carrier === 'cookie'
    ? { headers: {}, cookies: [deviceCookie('', 0, config)] }
    : { headers: deviceHeader(''), cookies: [] };

/** Always of this very host: no other ever needs it. */
const deviceCookie = (value: string, expiresAt: number, config: CarrierConfig): string =>
  cookie(config.COOKIE_PROFILE === 'hardened' ? DEVICE.hardened : DEVICE.plain, value, expiresAt, {
    ...config,
    COOKIE_DOMAIN: undefined,
  });

/** Those of this profile; the hardened one also takes away what the plain one left. */
const clearedCookies = (config: CarrierConfig): readonly string[] => [
  ...Object.values(namesOf(config)).map((name) => cookie(name, '', 0, config)),
  ...(config.COOKIE_PROFILE === 'hardened' ? plainCleared(config) : []),
];

/** Hardened excludes COOKIE_DOMAIN, so a plain cookie of a parent domain is one of OLDER_COOKIE_DOMAIN. */
const plainCleared = (config: CarrierConfig): readonly string[] => [
  ...Object.values(PLAIN).map((name) => cookie(name, '', 0, config)),
  ...(config.OLDER_COOKIE_DOMAIN === undefined ? [] : olderCleared(config)),
];

/** The cookies that another COOKIE_DOMAIN of earlier days, or none, left beside ours. Never ours. */
export const olderCleared = (config: CarrierConfig): readonly string[] =>
  olderDomains(config).flatMap((domain) =>
    Object.values(PLAIN).map((name) => cookie(name, '', 0, { ...config, COOKIE_DOMAIN: domain })),
  );

/** Whose cookies may lie beside ours; undefined: the host's alone. Empty where nothing says that it ever was otherwise. */
export const olderDomains = ({
  COOKIE_DOMAIN,
  OLDER_COOKIE_DOMAIN,
}: CarrierConfig): readonly (string | undefined)[] => [
  ...(OLDER_COOKIE_DOMAIN === undefined ? [] : [OLDER_COOKIE_DOMAIN]),
  ...(COOKIE_DOMAIN === undefined ? [] : [undefined]),
];

function cookie(name: string, value: string, expiresAt: number, config: CarrierConfig): string {
  const isOfHost = name.startsWith('__') || config.COOKIE_DOMAIN === undefined;
  return [
    `${name}=${encodeURIComponent(value)}`,
    `Path=${name.endsWith(PLAIN.refresh) ? REFRESH_PATH : name.endsWith(DEVICE.plain) ? DEVICE.path : '/'}`,
    ...(isOfHost ? [] : [`Domain=${config.COOKIE_DOMAIN}`]),
    `Expires=${new Date(expiresAt).toUTCString()}`,
    'HttpOnly',
    ...(config.PUBLIC_URL.startsWith('https:') || config.COOKIE_SAME_SITE === 'None' ? ['Secure'] : []),
    `SameSite=${config.COOKIE_SAME_SITE}`,
  ].join('; ');
}
