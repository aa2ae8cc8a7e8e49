import { createHash, randomBytes } from 'node:crypto';

/** What a link opens, and nothing else. */
export type LinkPurpose = 'reset' | 'verify' | 'revert' | 'sign-up';

/** A link's one-time token as it is stored: the token itself is in the mail and nowhere else. Times are epoch ms. */
export interface LinkToken {
  readonly tenantId: string;
  readonly hash: string;
  readonly purpose: LinkPurpose;
  readonly userId: string;
  readonly recipeUserId: string;
  /** The address the link went to, and what using it proves; of `revert`, the contact it brings back. */
  readonly contact: string;
  /** Of `revert` alone: what was changed, and the login methods it was changed in. */
  readonly changed?: {
    readonly kind: 'email' | 'phone';
    readonly recipeUserIds: readonly string[];
    /** Nobody had proven the contact: it comes back as it was. */
    readonly unproven?: true;
  };
  /** Of `sign-up` alone: the account that its link makes. */
  readonly pending?: { readonly passwordHash: string; readonly metadata: Readonly<Record<string, unknown>> };
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** 256 random bits, and the name they are stored under. */
export function newToken(): { readonly token: string; readonly hash: string } {
  const token = randomBytes(32).toString('base64url');
  return { token, hash: tokenHash(token) };
}

export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** Seconds. @see security.md §1.9 */
export const LINK_SECONDS: Readonly<Record<LinkPurpose, number>> = {
  reset: 3_600,
  verify: 86_400,
  revert: 3 * 86_400,
  'sign-up': 86_400,
};
