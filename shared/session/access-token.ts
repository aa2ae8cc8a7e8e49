import * as v from 'valibot';
import type { Completed } from '../mfa/requirements.ts';
import type { Config } from '../config.ts';
import { jose } from '../keys/lazy-jose.ts';
import type { Clock, Keyring } from '../ports.ts';
import type { SessionDevice } from '../trusted-devices/device.ts';

/** The access token's members. `iat` and `exp` are epoch seconds; `t` of a claim is milliseconds. @see wire.md §2.5 */
export interface AccessTokenPayload {
  readonly sub: string;
  readonly rsub: string;
  readonly tId: string;
  readonly sessionHandle: string;
  readonly refreshTokenHash1: string;
  readonly parentRefreshTokenHash1: null;
  readonly antiCsrfToken: string | null;
  readonly iss: string;
  readonly aud: string;
  readonly iat: number;
  readonly exp: number;
  readonly scope: string;
  readonly amr: readonly string[];
  readonly acr: string;
  readonly auth_time: number;
  /** The factor the session began with. */
  readonly firstFactor: string;
  /** The user's epoch when this was signed: bumped, it tells at the next look at the user that the session is over. */
  readonly epoch: number;
  /** Policy epoch: names what of the tenant `st-mfa.v` was decided by. Absent in tokens from before there was one. */
  readonly pe?: string;
  /** When that was read from the table, epoch milliseconds: of two epochs the later one counts. */
  readonly pt?: number;
  /** Only where the tenant remembers devices. */
  readonly 'st-device'?: SessionDevice;
  readonly 'st-mfa': { readonly c: Completed; readonly v: boolean };
  /** Only where the tenant verifies addresses. `t` as below. */
  readonly 'st-ev'?: { readonly v: boolean; readonly t: number } | undefined;
  readonly 'st-role': { readonly v: readonly string[]; readonly t: number };
  readonly 'st-perm': { readonly v: readonly string[]; readonly t: number };
  readonly [custom: string]: unknown;
}

export const issuerOf = (config: Pick<Config, 'PUBLIC_URL'>): string => `${config.PUBLIC_URL}/auth`;
export const audienceOf = (config: Pick<Config, 'PUBLIC_URL'>): string => config.PUBLIC_URL;
const PENDING = '/mfa-pending';
/** Tokens that still owe a factor, or a proven address, have an audience of their own: a server that ignores their claims refuses them. */
export const pendingAudienceOf = (config: Pick<Config, 'PUBLIC_URL'>): string => config.PUBLIC_URL + PENDING;

/** What a claim lacks, as the FDI tells it. @see wire.md §2.8 */
export interface OwedClaim {
  readonly id: 'st-mfa' | 'st-ev';
  readonly reason: Readonly<Record<string, unknown>>;
}

/** The 403 `st-ev` of an address that is not proven. */
export const UNVERIFIED = { message: 'wrong value', expectedValue: true, actualValue: false } as const;

/** What a session owes before protected routes let it in, factors first: a code may prove the address on its way. */
export function owedClaim(payload: AccessTokenPayload): OwedClaim | undefined {
  if (!payload['st-mfa'].v) return { id: 'st-mfa', reason: { message: 'MFA requirement for auth is not satisfied' } };
  return payload.aud.endsWith(PENDING) ? { id: 'st-ev', reason: UNVERIFIED } : undefined;
}

export interface TokenDeps {
  readonly config: Pick<Config, 'PUBLIC_URL'>;
  readonly clock: Clock;
  /** The service's own table, or its published key set read from afar: the one verifier serves both. */
  readonly keys: Pick<Keyring, 'verifier'>;
}

/** Signs with the current key. @returns a compact JWS with the FDI's header. */
export async function signAccessToken(
  payload: AccessTokenPayload,
  { keys }: { readonly keys: Pick<Keyring, 'signer'> },
): Promise<string> {
  const [{ kid, key }, { SignJWT }] = await Promise.all([keys.signer(), jose()]);
  return new SignJWT({ ...payload }).setProtectedHeader({ kid, typ: 'JWT', alg: 'RS256', version: '5' }).sign(key);
}

/**
 * Verifies a token against our own keys alone: RS256 only, kid by equality, our issuer, one of our two audiences.
 *
 * `exp` is compared without tolerance. Revocation is not looked at: that shows at the next refresh, and where a
 * request writes to the session.
 *
 * @returns `malformed` for what is not shaped like a token of ours (treated as absent), `invalid` for one that no
 * longer or never was good (the client is to refresh).
 */
export async function verifyAccessToken(
  token: string,
  { config, clock, keys }: TokenDeps,
): Promise<AccessTokenPayload | 'malformed' | 'invalid'> {
  if (!looksLikeOurs(token)) return 'malformed';
  const { errors, jwtVerify } = await jose();
  try {
    const { payload } = await jwtVerify(
      token,
      async (header) => {
        const key = header.kid === undefined ? undefined : await keys.verifier(header.kid);
        if (key === undefined) throw new errors.JWKSNoMatchingKey();
        return key;
      },
      {
        algorithms: ['RS256'],
        typ: 'JWT',
        issuer: issuerOf(config),
        audience: [audienceOf(config), pendingAudienceOf(config)],
        currentDate: new Date(clock.now()),
        requiredClaims: [
          'sub',
          'rsub',
          'iat',
          'exp',
          'tId',
          'sessionHandle',
          'refreshTokenHash1',
          'firstFactor',
          'epoch',
          'st-mfa',
        ],
      },
    );
    return isPayload(payload) ? payload : 'malformed';
  } catch (error) {
    if (error instanceof errors.JOSEError) return 'invalid';
    throw error;
  }
}

const Header = v.object({ alg: v.literal('RS256'), version: v.literal('5'), kid: v.string() });

/** Only RS256 tokens of version 5 with a `d-` key are ours; anything larger than a header can carry is not. */
function looksLikeOurs(token: string): boolean {
  if (token.length > 8_192 || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return false;
  try {
    const header: unknown = JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString('utf8'));
    return v.is(Header, header);
  } catch {
    return false;
  }
}

function isPayload(payload: Readonly<Record<string, unknown>>): payload is AccessTokenPayload {
  const strings = ['sub', 'rsub', 'tId', 'sessionHandle', 'refreshTokenHash1'];
  const claim = payload['st-mfa'];
  return (
    strings.every((name) => typeof payload[name] === 'string') &&
    (payload['stt'] === undefined || payload['stt'] === 0) &&
    typeof claim === 'object' &&
    claim !== null &&
    'c' in claim &&
    'v' in claim &&
    typeof claim.v === 'boolean'
  );
}

/**
 * What the browser SDK reads instead of the token: unsigned, for display only.
 *
 * Standard base64 with padding (the client uses `atob`); `ate` is milliseconds. @see wire.md §2.4
 */
export const frontTokenOf = (payload: AccessTokenPayload): string =>
  Buffer.from(JSON.stringify({ uid: payload.sub, ate: payload.exp * 1000, up: payload }), 'utf8').toString('base64');
