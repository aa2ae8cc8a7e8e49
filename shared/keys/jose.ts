/** What of jose the service uses for its own keys and tokens; loaded by lazy-jose.ts. */
export { decodeJwt, errors, exportJWK, importJWK, importPKCS8, jwtVerify, SignJWT } from 'jose';
