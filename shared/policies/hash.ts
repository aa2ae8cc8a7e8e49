import { createHash } from 'node:crypto';

/**
 * By which two policies are told apart: 16 hex digits of SHA-256 over the document as canonical JSON, or over `null`
 * where a tenant has none. Neither the order of names nor whether a list was stored as a set makes a difference.
 */
export const policyHash = (mfaPolicy: unknown): string =>
  createHash('sha256').update(canonicalJson(mfaPolicy)).digest('hex').slice(0, 16);

/** Names sorted, nothing between; what is undefined is left out, and alone is `null`. @see RFC 8785 */
export const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value)) ?? 'null';

function sorted(value: unknown): unknown {
  if (value instanceof Set || Array.isArray(value)) return [...value].map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}
