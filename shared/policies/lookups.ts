import type { User } from '../account/user.ts';
import type { ClaimReader, ContactKind, PrimaryKind, UserStore } from '../ports.ts';

/** What a simulation reads of accounts. */
export interface LookupDeps {
  readonly users: Pick<UserStore, 'load'>;
  readonly claims: ClaimReader;
}

/** Of one moment, each thing read once. */
export interface Lookups {
  /** As sign-in finds accounts: a contact that is kept for somebody finds nobody. */
  readonly users: Pick<UserStore, 'byContact' | 'load'>;
  /** As sign-in claims contacts. */
  readonly holder: (
    kind: ContactKind | PrimaryKind,
    tenantId: string,
    value: string,
  ) => ReturnType<ClaimReader['holder']>;
  readonly guesses: ClaimReader['guesses'];
}

/** @param at epoch milliseconds: what is kept for somebody until then is free. */
export function lookupsAt(at: number, { users, claims }: LookupDeps): Lookups {
  const holders = memory<Awaited<ReturnType<ClaimReader['holder']>>>();
  const counts = memory<Awaited<ReturnType<ClaimReader['guesses']>>>();
  const accounts = memory<User | undefined>();
  const holder: Lookups['holder'] = (kind, tenantId, value) =>
    holders(`${kind} ${tenantId} ${value}`, () => claims.holder(kind, tenantId, value, at));
  return {
    holder,
    guesses: (budget) => counts(`${budget.scope} ${budget.tenantId} ${budget.subject}`, () => claims.guesses(budget)),
    users: {
      load: (userId) => accounts(userId, () => users.load(userId)),
      byContact: async (...of) => {
        const found = await holder(...of);
        return found === undefined || found.isKept ? undefined : found;
      },
    },
  };
}

function memory<T>(): (key: string, read: () => Promise<T>) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (key, read) => {
    const found = known.get(key) ?? read();
    known.set(key, found);
    return found;
  };
}
