import type { User } from '../account/user.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { UserRecord } from './record.ts';
import { canonical, toRecord } from './to-record.ts';

/** Members of the record that the user who is there has otherwise. Where the record tells no time, none is compared. */
export function difference(
  record: UserRecord,
  { user, existing, secrets }: { readonly user: User; readonly existing: User; readonly secrets: Secrets },
): readonly string[] {
  const isDated = record.timeJoined !== undefined;
  const membersOf = (one: User): ReadonlyMap<string, string> => {
    const { timeJoined, loginMethods, totpDevices = [], ...rest } = toRecord(one, secrets);
    const dated = {
      ...rest,
      loginMethods: unordered(loginMethods.map((own) => (isDated ? own : { ...own, timeJoined: undefined }))),
      totpDevices: unordered(totpDevices.map((own) => (isDated ? own : { ...own, createdAt: undefined }))),
      ...(isDated ? { timeJoined } : {}),
    };
    return new Map(Object.entries(dated).map(([name, value]) => [name, canonical(value)]));
  };
  const [wanted, stored] = [membersOf(user), membersOf(existing)];
  const names = new Set([...wanted.keys(), ...stored.keys()]);
  return [...names].filter((name) => wanted.get(name) !== stored.get(name));
}

const unordered = (values: readonly unknown[]): readonly string[] => values.map(canonical).toSorted();
