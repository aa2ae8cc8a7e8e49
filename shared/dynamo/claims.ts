import type { LoginMethod } from '../account/user.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { ContactKind, PrimaryKind } from '../ports.ts';
import { lookupKey } from './keys.ts';
import type { Table, transact } from './table-client.ts';

/** What stands in a lookup that is kept for a user: it finds nobody, and no other id looks like it. */
export const keptFor = (userId: string): string => `#kept#${userId}`;

/** For whom such a lookup is kept; undefined for the id of a user. */
export const ownerOfKept = (stored: string): string | undefined =>
  stored.startsWith(keptFor('')) ? stored.slice(keptFor('').length) : undefined;

export type Step = Parameters<typeof transact>[1][number];
/** What a step's failed condition means. */
export type Named<Name extends string = string> = { readonly name: Name; readonly step: Step };

/**
 * Takes a contact for a user, or keeps it.
 *
 * Uniqueness is this put: a lookup that somebody else holds turns its whole transaction down. @see wire.md §13.2
 */
export const claimStep = (
  table: Table,
  secrets: Secrets,
  claim: {
    readonly kind: ContactKind | PrimaryKind;
    readonly tenantId: string;
    readonly value: string;
    readonly userId: string;
    readonly method: LoginMethod;
    /** Whose it may be as well: an account that is emptied in the same transaction. */
    readonly from?: string | undefined;
    /** What is kept for the user is the user's to take; what is kept for somebody else is free after its time. */
    readonly now: number;
  },
): Step => ({
  Put: {
    TableName: table.name,
    Item: {
      ...lookupKey(claim.tenantId, secrets.index(claim.kind, claim.tenantId, claim.value)),
      userId: claim.userId,
      recipeUserId: claim.method.recipeUserId,
    },
    ConditionExpression: 'attribute_not_exists(pk) OR userId IN (:me, :from, :kept) OR reservedUntil <= :now',
    ExpressionAttributeValues: {
      ':me': claim.userId,
      ':from': claim.from ?? claim.userId,
      ':kept': keptFor(claim.userId),
      ':now': claim.now,
    },
  },
});
