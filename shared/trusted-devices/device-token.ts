import { randomBytes, timingSafeEqual } from 'node:crypto';
import { type Secrets, sha256Hex } from '../keys/secrets.ts';

/**
 * What a remembered device holds: `d1.<kid>.<id>.<secret>.<tag>`, a secret of 256 random bits behind the record's id.
 *
 * The tag is a MAC over all of it, the tenant and the user: a value of somebody else, of another tenant, or made up, is
 * known for that without asking the table. As with refresh tokens a successor's secret follows from its parent, so
 * that parallel sign-ins and lost replies arrive at one and the same value.
 */
export interface Owner {
  readonly tenantId: string;
  readonly userId: string;
}

const SHAPE = /^d1\.([\w-]{1,16})\.([\w-]{22})\.[\w-]{43}\.([\w-]{22})$/;

const assemble = (secrets: Secrets, owner: Owner, id: string, secret: string): string => {
  const body = `d1.${secrets.kid}.${id}.${secret}`;
  return `${body}.${tagOf(secrets, owner, body)}`;
};

const tagOf = (secrets: Secrets, { tenantId, userId }: Owner, body: string): string =>
  secrets.mac('device-tag', tenantId, userId, body).subarray(0, 16).toString('base64url');

/** The first value of a new record. */
export function firstDeviceToken(secrets: Secrets, owner: Owner): { readonly id: string; readonly token: string } {
  const id = randomBytes(16).toString('base64url');
  return { id, token: assemble(secrets, owner, id, randomBytes(32).toString('base64url')) };
}

/** The one value that follows another. */
export const nextDeviceToken = (secrets: Secrets, owner: Owner, id: string, parentHash: string): string =>
  assemble(secrets, owner, id, secrets.mac('device-secret', id, parentHash).toString('base64url'));

/** @returns the record's id if the value was issued to this user in this tenant. Never throws, whatever it is given. */
export function readDeviceToken(secrets: Secrets, owner: Owner, token: string): string | undefined {
  const match = SHAPE.exec(token);
  if (match === null || match[1] !== secrets.kid) return undefined;
  const expected = Buffer.from(tagOf(secrets, owner, token.slice(0, token.lastIndexOf('.'))));
  const given = Buffer.from(match[3]!);
  return expected.length === given.length && timingSafeEqual(expected, given) ? match[2] : undefined;
}

export const deviceTokenHash = (token: string): string => sha256Hex(token);
