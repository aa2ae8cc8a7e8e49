import type { Provider } from './presets.ts';

/** Letters of a path that mean themselves to everybody; no `%`, no `\`, no `..` after parsing. */
const PLAIN_PATH = /^\/[\w\-.~/]*$/;

/**
 * May a provider send people back to this address?
 *
 * It has to be spelt as a browser would spell it, so that nobody reads another host in it than we do; then its origin,
 * or the whole of it where the provider lists addresses, is compared exactly. Our own address is always one.
 */
export function isAllowedRedirect(
  value: string,
  provider: Pick<Provider, 'redirectUris'>,
  allowed: { readonly origins: readonly string[]; readonly publicUrl: string },
): boolean {
  const origin = plainOrigin(value);
  if (origin === undefined) return false;
  if (provider.redirectUris !== undefined) return provider.redirectUris.includes(value);
  return origin === allowed.publicUrl || allowed.origins.includes(origin);
}

/** @returns undefined for anything but a web address in its one spelling, without user, query and fragment. */
function plainOrigin(value: string): string | undefined {
  if (value.length > 500 || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  const isCanonical = url.origin + url.pathname === value || url.origin === value;
  return /^https?:$/.test(url.protocol) && isCanonical && PLAIN_PATH.test(url.pathname) ? url.origin : undefined;
}

const MAX_STATE = 4096;
/** What Apple posts and a front end reads; anything else does not travel on. */
const FIELDS = ['code', 'state', 'iss', 'user', 'error', 'error_description'];

/**
 * Where Apple's form post goes on to: the page that the front end wrote into its `state`, with the fields as a query.
 *
 * @returns undefined where the state does not name an allowed page.
 */
export function appleReturn(
  form: URLSearchParams,
  allowed: { readonly origins: readonly string[]; readonly publicUrl: string },
): string | undefined {
  const page = frontendRedirectUri(form.get('state') ?? '');
  if (page === undefined || !isAllowedRedirect(page, { redirectUris: undefined }, allowed)) return undefined;
  const url = new URL(page);
  for (const name of FIELDS) {
    const value = form.get(name);
    if (value !== null) url.searchParams.set(name, value);
  }
  return url.href;
}

function frontendRedirectUri(state: string): string | undefined {
  if (state.length > MAX_STATE) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(state, 'base64').toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && 'frontendRedirectURI' in parsed
      ? typeof parsed.frontendRedirectURI === 'string'
        ? parsed.frontendRedirectURI
        : undefined
      : undefined;
  } catch {
    return undefined;
  }
}
