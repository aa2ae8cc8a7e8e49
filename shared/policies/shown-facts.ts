import { isIP } from '../is-ip.ts';
import { maskContact } from '../account/contact.ts';
import { networkOf } from '../client-address.ts';
import type { Facts } from '../mfa/facts.ts';

/** Every fact a condition can read, as `conditions.ts` declares them. */
const FACT_NAMES: readonly string[] = [
  'user.id',
  'user.roles',
  'user.permissions',
  'user.emails',
  'user.phones',
  'user.requiredFactors',
  'user.metadata',
  'user.timeJoined',
  'user.factorsSetUp',
  'tenant.id',
  'tenant.requiredSecondaryFactors',
  'tenant.metadata',
  'session.firstFactor',
  'session.completed',
  'session.isNewDevice',
  'request.ip',
  'request.country',
  'request.userAgent',
  'now',
];

export type ShownFacts = Readonly<Record<string, unknown>>;

const MAX_PATHS = 40;
const MAX_TEXT = 100;
/** No text that is cut above is read further than this. */
const MAX_MASKED = 2_000;
const MAX_ENTRIES = 20;
const MAX_DEPTH = 3;

/**
 * Facts by path, fit to be kept and shown: contacts masked wherever they stand, addresses of clients as their network
 * (/24, /48), times in ISO, long texts and lists cut. A fact that is not there is null.
 *
 * @param paths as `factsRead` gives them; a bare `user` stands for everything of the user.
 */
export function shownFacts(facts: Facts, paths: readonly string[]): ShownFacts {
  const each = new Set(paths.flatMap((path) => (path.includes('.') || path === 'now' ? [path] : [...allOf(path)])));
  return Object.fromEntries([...each].slice(0, MAX_PATHS).map((path) => [path, shown(facts, path)]));
}

/** Names of the facts that lie beside those paths: nothing read them. */
export const ignoredFacts = (paths: readonly string[]): readonly string[] =>
  FACT_NAMES.filter(
    (name) => !paths.some((path) => path === name || path.startsWith(`${name}.`) || isWhole(path, name)),
  );

const isWhole = (path: string, name: string): boolean => name.startsWith(`${path}.`);
const allOf = (root: string): readonly string[] => FACT_NAMES.filter((name) => isWhole(root, name));

function shown({ user, tenant, session, request, now }: Facts, path: string): unknown {
  switch (path) {
    case 'now':
      return isoOf(now);
    case 'user.timeJoined':
      return isoOf(user.timeJoined);
    case 'user.emails':
      return user.emails.slice(0, MAX_ENTRIES).map((email) => maskContact('email', email));
    case 'user.phones':
      return user.phones.slice(0, MAX_ENTRIES).map((phone) => maskContact('phone', phone));
    case 'session.completed':
      return Object.keys(session.completed).slice(0, MAX_ENTRIES);
    default:
      return plain(lookUp({ user, tenant, session, request }, path) ?? null, masking(user), 0);
  }
}

const isoOf = (time: number): string | null => {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
};

/** A key of metadata may have dots of its own. */
function lookUp(value: unknown, path: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const members = new Map<string, unknown>(Object.entries(value));
  if (members.has(path)) return members.get(path);
  for (let at = path.indexOf('.'); at > 0; at = path.indexOf('.', at + 1)) {
    const found = lookUp(members.get(path.slice(0, at)), path.slice(at + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

const EMAIL = /[^\s@<>,;:"']{1,64}@[^\s@<>,;:"']{1,255}/g;
/** With its calling code, or a whole text of digits as people write numbers at home. */
const PHONE = /\+\d(?:[ ().-]{0,2}\d){6,14}|^0\d(?:[ ().-]{0,2}\d){6,13}$/g;
const digitsOf = (text: string): string => text.replaceAll(/\D/g, '');

/** People put contacts into metadata, and an imported user may have one for an id. A number is known by the user's own. */
function masking({ phones }: Facts['user']): (text: string) => string {
  const own = new Map(phones.map((phone) => [digitsOf(phone), maskContact('phone', phone)]));
  return (text) => {
    if (isIP(text) !== 0) return networkOf(text);
    const masked = own.get(text);
    if (masked !== undefined) return masked;
    // Masked before it is cut: half an address is none that could be known.
    return text
      .slice(0, MAX_MASKED)
      .replaceAll(EMAIL, (email) => maskContact('email', email))
      .replaceAll(PHONE, (phone) => maskContact('phone', phone))
      .slice(0, MAX_TEXT);
  };
}

/** As JSON can hold it. What nests deeper than a person reads is named by its kind alone. */
function plain(value: unknown, mask: (text: string) => string, depth: number): unknown {
  if (typeof value === 'string') return mask(value);
  if (typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number' || typeof value === 'bigint') {
    const text = mask(String(value));
    return text === String(value) && Number.isFinite(Number(value)) ? Number(value) : text;
  }
  if (Array.isArray(value) || value instanceof Set) {
    return depth >= MAX_DEPTH ? '[…]' : [...value].slice(0, MAX_ENTRIES).map((entry) => plain(entry, mask, depth + 1));
  }
  if (typeof value !== 'object') return null;
  if (depth >= MAX_DEPTH) return '{…}';
  const entries = Object.entries(value).slice(0, MAX_ENTRIES);
  return Object.fromEntries(entries.map(([name, entry]) => [mask(name), plain(entry, mask, depth + 1)]));
}
