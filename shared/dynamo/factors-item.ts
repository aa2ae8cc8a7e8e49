import * as v from 'valibot';
import type { User } from '../account/user.ts';
import type { Item } from './table-client.ts';

/**
 * The item `FACTORS` of a user, attribute by attribute.
 *
 * | attribute                 | value                                                             |
 * | ------------------------- | ----------------------------------------------------------------- |
 * | `required`                | string set: the user's own list                                   |
 * | `since#factorId`          | when the user put that on the list or took it off, epoch ms       |
 * | `grace#tenantId#ruleId`   | when the grace of that rule ends, epoch milliseconds              |
 * | `exempt#tenantId`         | map `until` (epoch milliseconds), `reason`, `by`                  |
 *
 * Flat, so that one conditional `SET` writes a deadline once, whoever else writes beside it. `#` is in no tenant id
 * and no rule id.
 */

const SINCE = 'since#';
const GRACE = 'grace#';
const EXEMPT = 'exempt#';

export const sinceAttribute = (factor: string): string => SINCE + factor;
export const graceAttribute = (tenantId: string, ruleId: string): string => `${GRACE}${tenantId}#${ruleId}`;
export const exemptionAttribute = (tenantId: string): string => EXEMPT + tenantId;

export const strings = v.pipe(
  v.union([v.array(v.string()), v.set(v.string())]),
  v.transform((value) => [...value]),
);

const Exemption = v.object({ until: v.number(), reason: v.string(), by: v.exactOptional(v.string()) });

/** @throws when an attribute does not parse: a deadline that cannot be read is no reason to ask for nothing. */
export function factorsOf(
  item: Item | undefined,
): Pick<User, 'requiredFactors' | 'factorsSince' | 'grace' | 'exemptions'> {
  const grace = graceOf(item ?? {});
  const since = named(item ?? {}, SINCE).map(([factor, at]) => [factor, v.parse(v.number(), at)] as const);
  const exemptions = named(item ?? {}, EXEMPT).map(([tenantId, value]) => [tenantId, v.parse(Exemption, value)]);
  return {
    requiredFactors: v.parse(strings, item?.['required'] ?? []),
    ...(since.length === 0 ? {} : { factorsSince: Object.fromEntries(since) }),
    ...(Object.keys(grace).length === 0 ? {} : { grace }),
    ...(exemptions.length === 0 ? {} : { exemptions: Object.fromEntries(exemptions) }),
  };
}

/** By tenant and rule. */
export function graceOf(item: Item): NonNullable<User['grace']> {
  const deadlines = named(item, GRACE).map(([name, value]) => {
    const [tenantId = '', ruleId = ''] = name.split('#');
    return { tenantId, entry: [ruleId, v.parse(v.number(), value)] as const };
  });
  const byTenant = Map.groupBy(deadlines, ({ tenantId }) => tenantId);
  return Object.fromEntries(
    [...byTenant].map(([tenantId, own]) => [tenantId, Object.fromEntries(own.map(({ entry }) => entry))]),
  );
}

/** Attributes whose names begin with that, and the rest of each name. */
const named = (item: Item, prefix: string): readonly (readonly [string, unknown])[] =>
  Object.entries(item).flatMap(([name, value]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : [],
  );
