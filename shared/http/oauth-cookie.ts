import { randomBytes } from 'node:crypto';
import type { Config } from '../config.ts';
import { cookieValues, newCarrier } from './carrier.ts';
import type { Request } from './endpoint.ts';

/** What a browser is known by between leaving for a provider and coming back; no session, and good for nothing else. */

export type OauthCookieConfig = Pick<Config, 'PUBLIC_URL' | 'COOKIE_SAME_SITE' | 'COOKIE_PROFILE'>;

const LIFE_SECONDS = 600;

const nameOf = ({ COOKIE_PROFILE }: OauthCookieConfig): string =>
  COOKIE_PROFILE === 'hardened' ? '__Host-stOauth' : 'stOauth';

/** @returns undefined where a browser shows none, or two: a sibling domain may have set one. */
export function browserOf(request: Request, config: OauthCookieConfig): string | undefined {
  const values = cookieValues(request, nameOf(config));
  return values.length === 1 && /^[\w-]{43}$/.test(values[0] ?? '') ? values[0] : undefined;
}

/**
 * The browser a flow begins in, where it keeps our cookies; in header mode the PKCE verifier alone binds. Two flows of
 * one browser share the value.
 */
export function rememberBrowser(
  request: Request,
  config: OauthCookieConfig,
): { readonly browser: string | undefined; readonly cookies: readonly string[] } {
  if (newCarrier(request) !== 'cookie') return { browser: undefined, cookies: [] };
  const browser = browserOf(request, config) ?? randomBytes(32).toString('base64url');
  const cookie = [
    `${nameOf(config)}=${browser}`,
    'Path=/',
    `Max-Age=${LIFE_SECONDS}`,
    'HttpOnly',
    ...(config.PUBLIC_URL.startsWith('https:') || config.COOKIE_SAME_SITE === 'None' ? ['Secure'] : []),
    `SameSite=${config.COOKIE_SAME_SITE}`,
  ].join('; ');
  return { browser, cookies: [cookie] };
}
