import type { Kind } from './kinds.ts';

/** What a message is about, beside its words: what a sender of the customer's own is told. */
export interface MessageFacts {
  readonly kind: Kind;
  readonly tenantId: string;
  readonly language: string;
  readonly code?: string | undefined;
  readonly link?: string | undefined;
  readonly lifeSeconds?: number | undefined;
  readonly isFirstFactor?: boolean | undefined;
  readonly user?: { readonly id: string; readonly recipeUserId?: string } | undefined;
  /** Epoch milliseconds. */
  readonly at?: number | undefined;
}
