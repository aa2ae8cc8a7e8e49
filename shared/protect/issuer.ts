import type { Config } from '../config.ts';
import type { NamedCookies } from '../http/guard.ts';
import { jsonLog } from '../log.ts';
import type { Clock, Keyring, Log } from '../ports.ts';
import { issuerOf } from '../session/access-token.ts';
import { fetchJson, type FetchJson, remoteKeys } from './key-set.ts';
import { type PolicyEpochs, remotePolicyEpochs } from './policy-epochs.ts';

/** Plain, and as the hardened profile names it. A request with two of them has two sessions, and so none. */
export const ACCESS_COOKIES = ['sAccessToken', '__Host-sAccessToken'] as const;

/** The Stepgate whose sessions count: what it takes to know one when it is seen. */
export type Issuer = NamedCookies & { readonly origins: ReadonlySet<string>; readonly epochs: PolicyEpochs };

export interface IssuerSettings {
  /** The service's `PUBLIC_URL`: an origin such as `https://auth.example.com`. */
  readonly url: string;
  /** As the service has it. Default: `NONE`. */
  readonly antiCsrf?: Config['ANTI_CSRF'];
  readonly cookieNames?: readonly string[];
  /** Whose pages may send cookies to change something, beside `url` and the API's own. Default: nobody's. */
  readonly allowedOrigins?: readonly string[];
  /** Where the keys are, where that is not under `url`: inside a private network, for example. */
  readonly jwksUrl?: string;
  /** Where a tenant's policy epoch is read, where that is not under `url`. Only for routes with `checkPolicy`. */
  readonly policyEpochUrl?: (tenantId: string) => string;
  /** Instead of the published keys: the service itself, in the local run. */
  readonly keys?: Pick<Keyring, 'verifier'>;
  readonly clock?: Clock;
  readonly fetch?: FetchJson;
  readonly log?: Log;
}

/** One key cache. Routes that share a function share the issuer. @throws Error when an origin is none. */
export function issuerAt(settings: IssuerSettings): Issuer {
  const { url, antiCsrf = 'NONE', cookieNames = ACCESS_COOKIES, fetch = fetchJson, allowedOrigins = [] } = settings;
  const clock = settings.clock ?? { now: () => Date.now() };
  if (!isOrigin(url)) {
    throw new Error('The url of the issuer must be an origin such as https://auth.example.com, without a path.');
  }
  const wrong = allowedOrigins.find((origin) => !isOrigin(origin));
  if (wrong !== undefined) {
    throw new Error(`allowedOrigins holds ${wrong}, which is no origin such as https://app.example.com.`);
  }
  const origins = new Set([url, ...allowedOrigins]);
  const config = { PUBLIC_URL: url, ANTI_CSRF: antiCsrf };
  const jwksUrl = settings.jwksUrl ?? `${issuerOf(config)}/jwt/jwks.json`;
  const epochUrl =
    settings.policyEpochUrl ?? ((tenantId) => `${issuerOf(config)}/${segment(tenantId)}mfa/policy-epoch`);
  const report = (cause: unknown) =>
    (settings.log ?? jsonLog).error('policy-epoch.out-of-reach', {
      reason: cause instanceof Error ? cause.message : 'unknown',
    });
  return {
    config,
    clock,
    cookieNames,
    origins,
    keys: settings.keys ?? remoteKeys(jwksUrl, { clock, fetch }),
    epochs: remotePolicyEpochs(epochUrl, { clock, fetch, report }),
  };
}

const segment = (tenantId: string): string => (tenantId === 'public' ? '' : `${encodeURIComponent(tenantId)}/`);

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;

const MODES: readonly string[] = ['NONE', 'VIA_CUSTOM_HEADER', 'VIA_TOKEN'] satisfies readonly Config['ANTI_CSRF'][];
const isMode = (mode: string): mode is Config['ANTI_CSRF'] => MODES.includes(mode);

/** As the construct's `handlerEnvironment` has it. @throws Error that names the variable. */
export function issuerFrom(env: Readonly<Record<string, string | undefined>>): Issuer {
  const { STEPGATE_URL: url, STEPGATE_ANTI_CSRF: antiCsrf = 'NONE', STEPGATE_ALLOWED_ORIGINS: listed = '' } = env;
  if (url === undefined) throw new Error('STEPGATE_URL is not set: it is what browsers see of Stepgate.');
  if (!isMode(antiCsrf)) throw new Error(`STEPGATE_ANTI_CSRF must be one of ${MODES.join(', ')}.`);
  return issuerAt({ url, antiCsrf, allowedOrigins: listed === '' ? [] : listed.split(',') });
}
