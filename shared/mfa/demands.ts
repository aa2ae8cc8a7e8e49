import type { Facts } from './facts.ts';
import type { FactorId } from './factor.ts';
import type { Demand, Rule } from './policy.ts';

/** What a rule that matched asks of this user in this tenant. */
export function demandsOf(rule: Rule, facts: Facts): readonly Demand[] {
  const always = rule.rememberable === false ? ({ always: true } as const) : {};
  if (rule.require !== undefined) {
    return rule.require.map((requirement) => ({ requirement, origins: [`rule:${rule.id}`], ...always }));
  }
  if (rule.requireFrom === 'user') {
    return facts.user.requiredFactors.map((factor) => ({ requirement: factor, origins: ['user'], ...always }));
  }
  const listed = facts.tenant.requiredSecondaryFactors;
  return listed.length === 0 ? [] : [{ requirement: { oneOf: listed }, origins: ['tenant'], ...always }];
}

/** The reference's weaker rule: the user's and the tenant's lists as one `oneOf`, user first, where the first stood. */
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
  };
  return demands.flatMap((demand) => (demand === lists[0] ? [merged] : isList(demand) ? [] : [demand]));
}
