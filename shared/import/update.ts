import { type LoginMethod, rolesAt, type User } from '../account/user.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { ImportChange, ImportedUser, SaidPasswords } from '../ports.ts';
import { contactKindOf, contactOf } from '../account/contact-kind.ts';
import { LineFault, type UserRecord } from './record.ts';
import { METADATA_BYTES } from './to-user.ts';
import { devicesOf } from './update-devices.ts';
import { canonical } from './to-record.ts';

/** One line, and what is known of it. */
export interface Said {
  /** Members the line names: what it does not name stays as it is. */
  readonly members: ReadonlySet<string>;
  readonly record: UserRecord;
  /** Of a plain list of roles. */
  readonly tenantId: string;
  /** The user that the record makes. */
  readonly user: User;
  readonly saidPasswords: SaidPasswords;
  readonly importedAs: string;
  /** Another system's file, which knows nothing of what was set up here: it adds, and takes nothing away. */
  readonly isForeign: boolean;
  /** What it requires stands in for a factor that could not move: for nobody who has one here. */
  readonly isStandIn: boolean;
}

export interface Planned {
  readonly change: ImportChange;
  /** Each change in a few words; names of members, factors, roles and keys, never a value. */
  readonly changes: readonly string[];
  /** What protects the user less than before, of these. */
  readonly weaker: readonly string[];
  readonly notes: readonly string[];
}

/**
 * What must change for a user who is there to be what a line says: roles, required factors, metadata, authenticator apps,
 * status and, where asked for, passwords. Ways to sign in, tenants, dates and exemptions stay.
 *
 * @throws LineFault where the user has none of the line's ways to sign in: it may be somebody else's id.
 */
export function planUpdate(
  said: Said,
  found: ImportedUser,
  about: { readonly updatePasswords: boolean; readonly secrets: Secrets; readonly now: number },
): Planned {
  const { user: existing } = found;
  const own = new Map(existing.loginMethods.map((method) => [nameOf(method), method]));
  const shared = said.user.loginMethods.filter((method) => own.has(nameOf(method)));
  if (shared.length === 0) {
    throw new LineFault('differs: the user who is there has none of these ways to sign in');
  }
  const metadata = metadataOf(said, found);
  const roles = rolesOf(said, existing);
  const required = requiredOf(said, existing);
  const devices = devicesOf(said, existing, about);
  const passwords = about.updatePasswords ? passwordsOf(said, shared, { found, own }) : [];
  const status = said.members.has('status') && said.record.status !== existing.status ? said.record.status : undefined;

  const weaker = [
    ...(required?.removed ?? []).map((factor) => `requiredFactors: ${factor} removed`),
    ...(devices.removed.length === 0 ? [] : [`totpDevices: ${devices.removed.length} removed`]),
    ...(status === 'active' ? ['status: active again'] : []),
  ];
  const changes = [
    ...(status === 'disabled' ? ['status: disabled'] : []),
    ...(metadata === undefined ? [] : [`metadata: ${metadata.told}`]),
    ...roles.map(({ tenantId, told }) => `roles: in ${tenantId} ${told}`),
    ...(required?.added ?? []).map((factor) => `requiredFactors: ${factor} added`),
    ...(devices.added === 0 ? [] : [`totpDevices: ${devices.added} added`]),
    ...(devices.replaced === 0 ? [] : [`totpDevices: ${devices.replaced} replaced`]),
    ...(devices.changed === 0 ? [] : [`totpDevices: ${devices.changed} changed`]),
    ...passwords.map(() => 'passwordHash: replaced'),
    ...weaker,
  ];
  const missing = said.user.loginMethods.length - shared.length;
  return {
    change: {
      ...(status === undefined ? {} : { status }),
      ...(metadata === undefined ? {} : { metadata: metadata.next }),
      roles: Object.fromEntries(roles.map(({ tenantId, next }) => [tenantId, next])),
      ...(required === undefined ? {} : { requiredFactors: required.next }),
      addedDevices: devices.put,
      removedDevices: devices.removed,
      passwords,
      endsSessions: passwords.length > 0 || devices.removed.length > 0 || devices.replaced > 0 || status === 'disabled',
    },
    changes,
    weaker,
    notes: missing === 0 ? [] : [`loginMethods: ${missing} are not the user's, and an update adds none`],
  };
}

const nameOf = (method: LoginMethod): string => `${contactKindOf(method)} ${contactOf(method)}`;

function metadataOf({ members, record, isForeign }: Said, { user }: ImportedUser) {
  if (!members.has('metadata')) return undefined;
  const next = isForeign ? { ...user.metadata, ...record.metadata } : record.metadata;
  const keys = [...new Set([...Object.keys(next), ...Object.keys(user.metadata)])];
  const moved = keys.filter(
    (key) =>
      Object.hasOwn(next, key) !== Object.hasOwn(user.metadata, key) ||
      canonical(next[key]) !== canonical(user.metadata[key]),
  );
  if (moved.length === 0) return undefined;
  if (Buffer.byteLength(JSON.stringify(next)) > METADATA_BYTES) {
    throw new LineFault('metadata: is larger than 8 KB with what is there');
  }
  const [come, gone] = [true, false].map((isThere) => moved.filter((key) => Object.hasOwn(next, key) === isThere));
  return { next, told: toldOf(come!, 'set', gone!) };
}

const MOST_NAMED = 10;

/** `plan, seats set; trial removed`. */
function toldOf(come: readonly string[], verb: string, gone: readonly string[]): string {
  const named = (names: readonly string[], done: string) =>
    names.length === 0
      ? []
      : [`${names.slice(0, MOST_NAMED).join(', ')}${names.length > MOST_NAMED ? ' and more' : ''} ${done}`];
  return [...named(come, verb), ...named(gone, 'removed')].join('; ');
}

/** A list is of one tenant; a record says all there is. */
function rolesOf({ members, record, user, tenantId: listed, isForeign }: Said, existing: User) {
  if (!members.has('roles')) return [];
  const others = Array.isArray(record.roles) ? [listed] : isForeign ? [] : Object.keys(existing.roles);
  const tenants = new Set([...Object.keys(user.roles), ...others]);
  return [...tenants].flatMap((tenantId) => {
    const before = rolesAt(existing, tenantId);
    const says = [...new Set(rolesAt(user, tenantId))];
    const next = isForeign ? [...new Set([...before, ...says])] : says;
    const [come, gone] = [next.filter((role) => !before.includes(role)), before.filter((role) => !next.includes(role))];
    return come.length + gone.length === 0 ? [] : [{ tenantId, next, told: toldOf(come, 'added', gone) }];
  });
}

function requiredOf({ members, user, isForeign, isStandIn }: Said, { requiredFactors: before, totpDevices }: User) {
  if (!members.has('requiredFactors')) return undefined;
  if (isStandIn && (before.length > 0 || totpDevices !== undefined)) return undefined;
  const next = isForeign ? [...new Set([...before, ...user.requiredFactors])] : user.requiredFactors;
  const added = next.filter((factor) => !before.includes(factor));
  const removed = before.filter((factor) => !next.includes(factor));
  return added.length + removed.length === 0 ? undefined : { next, added, removed };
}

/**
 * Those of which the line says something it did not say before: the same line again does not bring back a password that
 * its owner has changed, or a hash that was made anew.
 */
function passwordsOf(
  { saidPasswords, importedAs }: Said,
  shared: readonly LoginMethod[],
  { found, own }: { readonly found: ImportedUser; readonly own: ReadonlyMap<string, LoginMethod> },
): ImportChange['passwords'] {
  return shared.flatMap((method) => {
    const { passwordHash } = method;
    const said = saidPasswords[method.recipeUserId];
    const before = own.get(nameOf(method));
    if (passwordHash === undefined || said === undefined || before === undefined) return [];
    const saidBefore = found.saidPasswords[before.recipeUserId];
    const isKnown = saidBefore === said || (saidBefore === undefined && found.importedAs === importedAs);
    return isKnown || before.passwordHash === passwordHash
      ? []
      : [{ recipeUserId: before.recipeUserId, passwordHash, said }];
  });
}
