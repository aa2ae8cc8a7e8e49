import type { Config } from '../config.ts';
import { ProtocolError } from '../protocol-error.ts';
import { hasSessionCookie } from './carrier.ts';
import { allowedOrigin, type CorsDeps } from './cors.ts';
import type { Request } from './endpoint.ts';

export interface CsrfDeps {
  readonly config: Pick<Config, 'PUBLIC_URL' | 'ANTI_CSRF' | 'COOKIE_PROFILE'>;
  /** Without it nobody but our own origin is let in. */
  readonly tenants?: CorsDeps['tenants'];
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const NO_TENANTS: CorsDeps['tenants'] = { get: () => Promise.resolve(undefined) };

/**
 * Refuses what another site made a browser send, before anything is parsed, counted or written.
 *
 * Asked of every request that may change something and comes with a session cookie, or would get one. A sibling
 * subdomain (`Sec-Fetch-Site: same-site`) is another site unless its origin is listed. Without `Origin` and
 * `Sec-Fetch-Site` it is no browser, and shows its custom header alone.
 *
 * @throws 403, never 401: the SDKs keep the session of a refresh that was refused so. @see docs/adr/0011-csrf.md
 */
export async function refuseForeign(request: Request, { config, tenants = NO_TENANTS }: CsrfDeps): Promise<void> {
  if (SAFE.has(request.method)) return;
  const rides = hasSessionCookie(request);
  if (!rides && request.headers['st-auth-mode'] !== 'cookie') return;
  if (!(await isOwn(request, { config, tenants }))) throw refusal('this origin is not allowed to send cookies here');
  // With the other two modes the FDI names the check and its answer: `loadSession` and `refresh` make it.
  if (rides && config.ANTI_CSRF === 'NONE' && !hasCustomHeader(request)) {
    throw refusal('a request with a session cookie needs the header rid or anti-csrf');
  }
}

async function isOwn(request: Request, deps: CorsDeps): Promise<boolean> {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin !== undefined) return (await allowedOrigin(request, deps)) !== undefined;
  return site === undefined || site === 'same-origin';
}

/** What no form can send, and no script of another site without a preflight. */
const hasCustomHeader = ({ headers }: Request): boolean =>
  headers['rid'] !== undefined || headers['anti-csrf'] !== undefined;

const refusal = (message: string): ProtocolError => new ProtocolError(403, { message });
