import { randomUUID } from 'node:crypto';
import type { User } from '../account/user.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { ImportOutcome, ImportStore, TakenContact } from '../ports.ts';
import { patiently } from './patiently.ts';
import type { UserRecord } from './record.ts';
import { canonical, toRecord } from './to-record.ts';

interface PersistContext {
  readonly options: { readonly tenantId: string; readonly dryRun?: boolean };
  readonly imports: ImportStore;
  readonly secrets: Secrets;
}

export interface Persisted {
  readonly status: 'created' | 'unchanged' | 'refused';
  readonly reason?: string;
}

/** Writes a user, or says why not. A user who is there is left alone, whatever the record says. */
export async function persist(
  user: User,
  record: UserRecord,
  now: number,
  { options, imports, secrets }: PersistContext,
): Promise<Persisted> {
  const importedAs = secrets.mac('import', options.tenantId, canonical(record)).toString('base64url');
  const audit = { userId: user.userId, tenantId: user.tenantIds[0]!, at: now, event: 'admin.imported' };
  const token = randomUUID();
  const outcome = await patiently((): Promise<ImportOutcome> =>
    options.dryRun === true ? imports.check(user, now) : imports.create({ user, importedAs, audit, token }),
  );
  switch (outcome.status) {
    case 'CREATED':
      return { status: 'created' };
    case 'TOO_MANY':
      return { status: 'refused', reason: 'has more methods, tenants and roles than one transaction holds' };
    case 'TAKEN':
      return { status: 'refused', reason: outcome.contacts.map(takenBy).join('; ') };
    case 'EXISTS': {
      const found = await patiently(() => imports.find(user.userId));
      if (found === undefined) return { status: 'refused', reason: 'a user of this id was deleted in this moment' };
      if (found.importedAs === importedAs) return { status: 'unchanged' };
      const members = difference(record, { user, existing: found.user, secrets });
      if (members.length === 0) return { status: 'unchanged' };
      return { status: 'refused', reason: `differs: there is a user of this id with other ${members.join(', ')}` };
    }
  }
}

const KINDS: Readonly<Record<TakenContact['kind'], string>> = {
  'emailpassword:email': 'the address of a password',
  'passwordless:email': 'the address of a code or link',
  'passwordless:phone': 'the phone number of a code or link',
  thirdparty: 'the identity at a provider',
  'primary:email': 'an address',
  'primary:phone': 'a phone number',
};

const takenBy = ({ kind, tenantId }: TakenContact): string =>
  `loginMethods: ${KINDS[kind]} is another account's in tenant ${tenantId}`;

/** Members of the record that the user who is there has otherwise. Where the record tells no time, none is compared. */
function difference(
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
