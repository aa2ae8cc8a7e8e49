import * as v from 'valibot';

/** Names a token's own members have; a claim may not take one of them. @see wire.md §2.5 */
const PROTECTED_CLAIMS = new Set(
  (
    'sub iat exp nbf iss aud jti scope amr acr auth_time sessionHandle parentRefreshTokenHash1 refreshTokenHash1 ' +
    'antiCsrfToken rsub tId stt epoch pe pt firstFactor st-device st-mfa st-ev st-role st-perm st-t-dmns'
  ).split(' '),
);

export const claimName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/, 'is not a claim name'),
  v.check((name) => !PROTECTED_CLAIMS.has(name), 'is a protected claim name'),
);
