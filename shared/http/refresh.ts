import type { Config } from '../config.ts';
import { ProtocolError, sessionEnded, tokenTheftDetected } from '../protocol-error.ts';
import { antiCsrfOf, refreshTokenHash } from '../session/refresh-token.ts';
import { type RefreshDeps, refreshSession } from '../session/refresh.ts';
import type { Carrier } from '../session/session.ts';
import { bearerOf, clientOf, handOut, refreshCookies } from './carrier.ts';
import type { Reply, Request } from './endpoint.ts';

type Deps = RefreshDeps & { readonly config: Pick<Config, 'COOKIE_DOMAIN' | 'ANTI_CSRF'> };

/**
 * `POST /auth/session/refresh`: new tokens in the carrier the old one came by.
 *
 * @throws 401 with tokens cleared when there is no token, it is over, or it was displaced. Never 401 for a fault of ours.
 * @see wire.md §2.7
 */
export async function refresh(request: Request, app: Deps): Promise<Reply> {
  const { token, carrier } = presented(request);
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

function presented(request: Request): { readonly token: string; readonly carrier: Carrier } {
  const bearer = bearerOf(request);
  if (bearer !== undefined) return { token: bearer, carrier: 'header' };
  const cookies = refreshCookies(request);
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
