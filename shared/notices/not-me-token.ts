import { timingSafeEqual } from 'node:crypto';
import type { Secrets } from '../keys/secrets.ts';

/**
 * What the link of a notice says: whose account, and how far it had come when the notice was written.
 *
 * It is stored nowhere. What makes it good once is the account: see PasswordStore.disown.
 */
export interface NotMe {
  readonly tenantId: string;
  readonly userId: string;
  /** As the account was before what the notice tells. */
  readonly epoch: number;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export const NOT_ME_SECONDS = 3 * 86_400;
/** Of the longest user id. */
export const NOT_ME_MAX_LENGTH = 300;

const FORM = /^([A-Za-z0-9_-]{2,172})\.(\d{1,15})\.(\d{1,15})\.([A-Za-z0-9_-]{43})$/;

export const notMeToken = (secrets: Secrets, about: NotMe): string =>
  [
    Buffer.from(about.userId, 'utf8').toString('base64url'),
    about.epoch,
    about.expiresAt,
    macOf(secrets, about).toString('base64url'),
  ].join('.');

/** @returns undefined for one that is not ours, or another tenant's; expiry is the caller's to compare. */
export function readNotMe(secrets: Secrets, tenantId: string, token: string): NotMe | undefined {
  const [, id = '', epoch, expiresAt, mac = ''] = FORM.exec(token) ?? [];
  const userId = Buffer.from(id, 'base64url').toString('utf8');
  const about = { tenantId, userId, epoch: Number(epoch), expiresAt: Number(expiresAt) };
  const given = Buffer.from(mac, 'base64url');
  return given.length === 32 && timingSafeEqual(given, macOf(secrets, about)) ? about : undefined;
}

const macOf = (secrets: Secrets, { userId, tenantId, epoch, expiresAt }: NotMe): Buffer =>
  secrets.mac('not-me', userId, tenantId, String(epoch), String(expiresAt));
