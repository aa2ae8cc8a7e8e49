import type { Facts } from './facts.ts';
import type { FactorId } from './factor.ts';
import { graceOf } from './grace.ts';
import type { Demand } from './policy.ts';
import type { Rule } from './rule-schema.ts';

/** What a rule that matched asks of this user in this tenant. */
export function demandsOf(rule: Rule, facts: Facts): readonly Demand[] {
  const graceUntil = graceOf(rule, facts);
  const terms = {
    ...(rule.rememberable === false ? ({ always: true } as const) : {}),
    ...(graceUntil === undefined ? {} : { graceUntil }),
  };
  if (rule.require !== undefined) {
    return rule.require.map((requirement) => ({ requirement, origins: [`rule:${rule.id}`], ...terms }));
  }
  if (rule.requireFrom === 'user') {
    return facts.user.requiredFactors.map((factor) => ({ requirement: factor, origins: ['user'], ...terms }));
  }
  const listed = facts.tenant.requiredSecondaryFactors;
  return listed.length === 0 ? [] : [{ requirement: { oneOf: listed }, origins: ['tenant'], ...terms }];
}

/**
 * The reference's weaker rule: the user's and the tenant's lists as one `oneOf`, user first, where the first stood.
 *
 * Its terms are the strictest of both: no trusted device where one takes none, no grace where one gives none.
 */
export function mergeLists(demands: readonly Demand[]): readonly Demand[] {
  const isList = ({ origins }: Demand) => origins[0] === 'user' || origins[0] === 'tenant';
  const lists = demands.filter(isList);
  if (lists.length < 2) return demands;
  const factors = new Set<FactorId>(
    lists.flatMap(({ requirement }) =>
      typeof requirement === 'string' ? [requirement] : Object.values(requirement).flat(),
    ),
  );
  const merged: Demand = {
    requirement: { oneOf: [...factors] },
    origins: [...new Set(lists.flatMap((d) => d.origins))],
    ...(lists.some((d) => d.always === true) ? { always: true } : {}),
    ...(lists.every((d) => d.graceUntil !== undefined)
      ? { graceUntil: Math.min(...lists.flatMap((d) => d.graceUntil ?? [])) }
      : {}),
  };
  return demands.flatMap((demand) => (demand === lists[0] ? [merged] : isList(demand) ? [] : [demand]));
}
