import { randomUUID } from 'node:crypto';
import type { LoginMethod, User } from '../account/user.ts';
import { contactKindOf, contactOf } from '../account/contact-kind.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { ImportedUser, ImportOutcome, ImportStore, TakenContact } from '../ports.ts';
import { CONTACT_NAMES } from './contacts.ts';
import { difference } from './difference.ts';
import { patiently } from './patiently.ts';
import { LineFault } from './record.ts';
import { type Planned, planUpdate, type Said } from './update.ts';

export interface PersistContext {
  readonly dryRun: boolean;
  /** A user who is there is brought to what the line says. */
  readonly update: boolean;
  readonly updatePasswords: boolean;
  readonly imports: ImportStore;
  readonly secrets: Secrets;
  readonly now: number;
  /** Whether the user of the line before was there: then the next one is looked for before it is made. */
  readonly last: { wasThere: boolean };
}

export interface Persisted {
  readonly id?: string;
  readonly status: 'created' | 'updated' | 'unchanged' | 'refused';
  readonly reason?: string;
  readonly notes?: readonly string[];
  readonly changes?: readonly string[];
  readonly weaker?: readonly string[];
}

/** The user may be changed, erased and made anew by others at the same time. */
const TRIES = 6;

/**
 * Writes a user, or says why not. A user who is there is left alone unless an update is asked for.
 */
export async function persist(said: Said, context: PersistContext): Promise<Persisted> {
  const { imports, last, update: isUpdate, secrets } = context;
  const find = (id: string) => patiently(() => imports.find(id));
  for (let tried = 0; tried < TRIES; tried += 1) {
    let found = last.wasThere ? await find(said.user.userId) : undefined;
    const outcome: ImportOutcome = found === undefined ? await create(said, context) : { status: 'EXISTS' };
    last.wasThere = outcome.status === 'EXISTS';
    if (outcome.status === 'CREATED') return { status: 'created' };
    if (outcome.status === 'TOO_MANY') return tooMany;
    const id = outcome.status === 'EXISTS' ? said.user.userId : holderOf(said, outcome.contacts, context);
    if (id === undefined) return { status: 'refused', reason: takenBy(outcome) };
    found ??= await find(id);
    // Erased in this moment: once more from the beginning.
    if (found === undefined) continue;
    if (!isUpdate) return asBefore(said, found, secrets);
    if (outcome.status === 'TAKEN' && !isProven(outcome.contacts, found.user)) {
      return { status: 'refused', reason: `${takenBy(outcome)}, which has not proven it` };
    }
    const updated = await update(said, found, context);
    if (updated !== undefined) return { ...updated, ...(id === said.user.userId ? {} : { id }) };
  }
  return { status: 'refused', reason: 'the user was changed again and again while this was tried' };
}

const tooMany: Persisted = {
  status: 'refused',
  reason: 'has more methods, tenants and roles than one transaction holds',
};

function create({ user, importedAs, saidPasswords }: Said, context: PersistContext): Promise<ImportOutcome> {
  const { imports, now } = context;
  if (context.dryRun) return patiently(() => imports.check(user, now));
  const audit = { userId: user.userId, tenantId: user.tenantIds[0]!, at: now, event: 'admin.imported' };
  const token = randomUUID();
  return patiently(() => imports.create({ user, importedAs, saidPasswords, audit, token }));
}

function asBefore({ record, user, importedAs }: Said, found: ImportedUser, secrets: Secrets): Persisted {
  if (found.importedAs === importedAs) return { status: 'unchanged' };
  const members = difference(record, { user, existing: found.user, secrets });
  if (members.length === 0) return { status: 'unchanged' };
  return { status: 'refused', reason: `differs: there is a user of this id with other ${members.join(', ')}` };
}

function planOf(said: Said, found: ImportedUser, context: PersistContext): Planned | Persisted {
  try {
    return planUpdate(said, found, context);
  } catch (error) {
    if (!(error instanceof LineFault)) throw error;
    return { status: 'refused', reason: error.message };
  }
}

/** @returns undefined where the user was changed in this moment. */
async function update(said: Said, found: ImportedUser, context: PersistContext): Promise<Persisted | undefined> {
  const planned = planOf(said, found, context);
  if ('status' in planned) return planned;
  const { change, changes, weaker, notes } = planned;
  const about = notes.length === 0 ? {} : { notes };
  if (changes.length === 0) return { status: 'unchanged', ...about };
  const { userId, tenantIds } = found.user;
  const audit = {
    userId,
    tenantId: tenantIds[0] ?? said.tenantId,
    at: context.now,
    event: 'admin.import-updated',
    details: { changes, ...(weaker.length === 0 ? {} : { weaker }) },
  };
  const token = randomUUID();
  const { importedAs } = said;
  const outcome = context.dryRun
    ? 'UPDATED'
    : await patiently(() => context.imports.update({ found, change, importedAs, audit, token }));
  if (outcome === 'TOO_MANY') return tooMany;
  if (outcome === 'CHANGED') return undefined;
  return { status: 'updated', changes, ...(weaker.length === 0 ? {} : { weaker }), ...about };
}

/** Whose account a line without an id is about, where all that is taken is one account's. */
function holderOf(
  { record }: Said,
  contacts: readonly TakenContact[],
  { update: isUpdate }: PersistContext,
): string | undefined {
  const [holder, ...others] = new Set(contacts.map(({ userId }) => userId));
  return isUpdate && record.id === undefined && others.length === 0 ? holder : undefined;
}

/** Who has not proven an address may have signed up with somebody else's: what a line gives its owner is not theirs. */
const isProven = (contacts: readonly TakenContact[], { loginMethods }: User): boolean =>
  contacts.every(({ kind, tenantId, value }) =>
    loginMethods.some(
      (method) =>
        has(method, kind, value) && method.tenantIds.includes(tenantId) && (method.verified || kind === 'thirdparty'),
    ),
  );

const has = (method: LoginMethod, kind: TakenContact['kind'], value: string): boolean =>
  (contactKindOf(method) === kind && contactOf(method) === value) ||
  (kind.startsWith('primary:') && [method.email, method.phoneNumber].includes(value));

const takenBy = (outcome: ImportOutcome): string =>
  outcome.status !== 'TAKEN'
    ? ''
    : outcome.contacts
        .map(({ kind, tenantId }) => `loginMethods: ${CONTACT_NAMES[kind]} is another account's in tenant ${tenantId}`)
        .join('; ');
