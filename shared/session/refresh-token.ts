import { randomBytes, timingSafeEqual } from 'node:crypto';
import { type Secrets, sha256Hex } from '../keys/secrets.ts';

/**
 * Refresh tokens: `v1.<kid>.<user>.<handle>.<branch>.<secret>.<tag>`.
 *
 * The tag is a MAC over everything before it: a token with a good tag was issued by us, so a displaced one is known
 * for what it is without storing every hash, and garbage can never revoke anybody. The secret of a successor is
 * derived from its parent, so that parallel refreshes and lost replies all arrive at one and the same child.
 *
 * @see security.md §3.6
 */
export interface RefreshToken {
  readonly userId: string;
  readonly handle: string;
  readonly branch: number;
}

const SHAPE = /^v1\.([\w-]{1,16})\.([\w-]{1,200})\.([\w-]{36,101})\.([0-3])\.([\w-]{43})\.([\w-]{22})$/;

const assemble = (secrets: Secrets, token: RefreshToken, secret: string): string => {
  const user = Buffer.from(token.userId, 'utf8').toString('base64url');
  const body = `v1.${secrets.kid}.${user}.${token.handle}.${token.branch}.${secret}`;
  return `${body}.${tagOf(secrets, body)}`;
};

const tagOf = (secrets: Secrets, body: string): string =>
  secrets.mac('refresh-tag', body).subarray(0, 16).toString('base64url');

/** The first token of a session: random. */
export const firstRefreshToken = (secrets: Secrets, userId: string, handle: string): string =>
  assemble(secrets, { userId, handle, branch: 0 }, randomBytes(32).toString('base64url'));

/** The one child a token has on a branch. Same parent and branch, same child, however often it is asked. */
export function successor(
  secrets: Secrets,
  token: Omit<RefreshToken, 'branch'>,
  parentHash: string,
  branch: number,
): string {
  const secret = secrets.mac('refresh-secret', token.handle, String(branch), parentHash).toString('base64url');
  return assemble(secrets, { userId: token.userId, handle: token.handle, branch }, secret);
}

/** @returns what the token says if we issued it, else undefined. Never throws, whatever it is given. */
export function readRefreshToken(secrets: Secrets, token: string): RefreshToken | undefined {
  const match = SHAPE.exec(token);
  if (match === null) return undefined;
  const [, kid, user, handle, branch, , tag] = match;
  if (kid !== secrets.kid) return undefined;
  const expected = Buffer.from(tagOf(secrets, token.slice(0, token.lastIndexOf('.'))));
  const given = Buffer.from(tag!);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
  return { userId: Buffer.from(user!, 'base64url').toString('utf8'), handle: handle!, branch: Number(branch) };
}

export const refreshTokenHash = (token: string): string => sha256Hex(token);

/** What a client must send back in `anti-csrf` beside this token, and its access tokens carry. */
export const antiCsrfOf = (secrets: Secrets, tokenHash: string): string =>
  secrets.mac('anti-csrf', tokenHash).subarray(0, 16).toString('base64url');
