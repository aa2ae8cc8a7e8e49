import type { Config } from '../config.ts';
import { ProtocolError, sessionEnded, tokenTheftDetected } from '../protocol-error.ts';
import { antiCsrfOf, refreshTokenHash } from '../session/refresh-token.ts';
import { type RefreshDeps, refreshSession } from '../session/refresh.ts';
import type { Carrier } from '../session/session.ts';
import {
  accessCookies,
  bearerOf,
  type CarrierConfig,
  clientOf,
  handOut,
  olderCleared,
  olderDomains,
  refreshCookies,
} from './carrier.ts';
import type { Reply, Request } from './endpoint.ts';

type Deps = RefreshDeps & { readonly config: CarrierConfig & Pick<Config, 'ANTI_CSRF'> };

/**
 * `POST /auth/session/refresh`: new tokens in the carrier the old one came by.
 *
 * @throws 401 with tokens cleared when there is no token, it is over, or it was displaced. Never 401 for a fault of ours.
 * @see wire.md §2.7
 */
export async function refresh(request: Request, app: Deps): Promise<Reply> {
  if (isBesideOlder(request, app.config)) return withoutOlder(app.config);
  const { token, carrier } = presented(request, app.config);
  if (carrier === 'cookie' && !(await passesAntiCsrf(token, request, app))) throw sessionEnded();
  const outcome = await refreshSession({ token, client: clientOf(request, carrier) }, app);
  switch (outcome.status) {
    case 'OK':
      return { status: 200, body: {}, ...handOut(outcome.tokens, carrier, request, app.config) };
    case 'THEFT':
      throw tokenTheftDetected();
    case 'UNAUTHORISED':
      throw sessionEnded();
  }
}

/** Our cookie and one of `OLDER_COOKIE_DOMAIN`, or of the host alone: a browser sends both, and nobody can tell which is which. */
const isBesideOlder = (request: Request, config: CarrierConfig): boolean =>
  olderDomains(config).length > 0 &&
  request.query['older'] !== 'cleared' &&
  bearerOf(request) === undefined &&
  (accessCookies(request, config).length > 1 || refreshCookies(request, config).length > 1);

/**
 * Takes the other cookies away and has the browser repeat the request by itself, once: the SDK sees one
 * refresh that worked. The reference answers 200 without `front-token`, which supertokens-website 20.1.6 throws at.
 */
const withoutOlder = (config: CarrierConfig): Reply => ({
  status: 307,
  body: { message: 'cookies of the older domain were cleared' },
  headers: { location: '/auth/session/refresh?older=cleared' },
  cookies: olderCleared(config),
});

function presented(request: Request, config: CarrierConfig): { readonly token: string; readonly carrier: Carrier } {
  const bearer = bearerOf(request);
  if (bearer !== undefined) return { token: bearer, carrier: 'header' };
  const cookies = refreshCookies(request, config);
  if (cookies.length > 1) {
    throw new ProtocolError(401, { message: 'The request contains multiple session cookies.' });
  }
  if (cookies[0] === undefined || cookies[0] === '') throw sessionEnded();
  return { token: cookies[0], carrier: 'cookie' };
}

/** @see wire.md §2.9 */
async function passesAntiCsrf(token: string, request: Request, { config, keys }: Deps): Promise<boolean> {
  if (config.ANTI_CSRF === 'NONE') return true;
  if (config.ANTI_CSRF === 'VIA_CUSTOM_HEADER') return request.headers['rid'] !== undefined;
  return request.headers['anti-csrf'] === antiCsrfOf(await keys.secrets(), refreshTokenHash(token));
}
