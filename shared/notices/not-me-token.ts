import { timingSafeEqual } from 'node:crypto';
import type { Secrets } from '../keys/secrets.ts';
import { type Mark, MARK_LENGTH, MAX_MARKS, type Protection } from './marks.ts';

/**
 * What the link of a notice says: whose account, how far it had come when the notice was written, and what the notice
 * tells of.
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
  /** What was added or switched, and can be taken back. */
  readonly told: readonly Mark[];
  /** What protected the account before. */
  readonly before: Protection;
}

export const NOT_ME_SECONDS = 3 * 86_400;
/** Of the longest user id, with as many marks as there may be. */
export const NOT_ME_MAX_LENGTH = 700;

const FORM =
  /^([A-Za-z0-9_-]{2,172})\.(\d{1,15})\.(\d{1,15})\.([a-z_~-]{0,100})\.((?:[A-Za-z0-9_-]{16}){0,20})\.([A-Za-z0-9_-]{43})$/;

/** Of more things than fit, the first are taken back. */
export function notMeToken(secrets: Secrets, notice: NotMe): string {
  const about = { ...notice, told: notice.told.slice(0, MAX_MARKS) };
  return [
    Buffer.from(about.userId, 'utf8').toString('base64url'),
    about.epoch,
    about.expiresAt,
    about.before.join('~'),
    about.told.join(''),
    macOf(secrets, about).toString('base64url'),
  ].join('.');
}

/** @returns undefined for one that is not ours, or another tenant's; expiry is the caller's to compare. */
export function readNotMe(secrets: Secrets, tenantId: string, token: string): NotMe | undefined {
  const [, id = '', epoch, expiresAt, before = '', told = '', mac = ''] = FORM.exec(token) ?? [];
  const about = {
    tenantId,
    userId: Buffer.from(id, 'base64url').toString('utf8'),
    epoch: Number(epoch),
    expiresAt: Number(expiresAt),
    before: before === '' ? [] : before.split('~'),
    told: Array.from({ length: told.length / MARK_LENGTH }, (_, i) =>
      told.slice(i * MARK_LENGTH, (i + 1) * MARK_LENGTH),
    ),
  };
  const given = Buffer.from(mac, 'base64url');
  return given.length === 32 && timingSafeEqual(given, macOf(secrets, about)) ? about : undefined;
}

const macOf = (secrets: Secrets, { userId, tenantId, epoch, expiresAt, before, told }: NotMe): Buffer =>
  secrets.mac('not-me', userId, tenantId, String(epoch), String(expiresAt), before.join('~'), told.join(''));
